// One launcher per fleet on a host: a second one is told who runs it.
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { describeError, StateFolderError, TcsError } from "../common/errors.ts";
import { fleetKey, shortHash } from "../common/fleet-key.ts";
import { type LockOwner, lockOwner, takeLockFile } from "../common/lock-file.ts";
import { ensureStateFolder, stateFolder } from "../common/paths.ts";
import type { ProcessIdentity } from "../common/process-info.ts";
import { withReserve } from "./reserve.ts";

/** In the state folder. */
const FOLDER = "launchers";

/**
 * What is to be started runs already.
 * @cause A launcher on this host runs the same configuration, or a launcher runs the service that is started by
 *   hand.
 * @remedy Use the one that runs ("tcs status"), or end it first.
 * @example /home/ann/services.yaml is already run by a launcher on this host (pid 4711)
 */
export class AlreadyRunningError extends TcsError {
  override readonly code = "E_ALREADY_RUNNING";
}

/** What a launcher is going to run. */
export interface LockedFleet {
  /** The configuration file. Its real path counts: by whatever name, it is the same fleet. */
  file: string;
  /** Name of the part that is run (a launcher of the file), when it is not the whole. */
  part?: string | undefined;
  /** Ids of the services. */
  services: readonly string[];
  /** What else the lock is to say of its launcher. */
  about?: Record<string, unknown>;
}

/** A lock that is held. */
export interface LauncherLock {
  /**
   * Says which services are run from now on.
   * @throws AlreadyRunningError when another launcher of the file runs one of them: then it says what it said before
   * @throws StateFolderError when the lock cannot be written
   */
  update(services: readonly string[]): void;
  /** Says something more from now on. @throws StateFolderError when the lock cannot be written */
  note(about: Record<string, unknown>): void;
  /** Gives it back. Idempotent. */
  release(): void;
}

/**
 * Takes the lock of a fleet, or of a part of it.
 * @throws AlreadyRunningError naming the process that runs it, or a part of it with one of the same services
 * @throws StateFolderError when the lock cannot be written
 */
export function lockLauncher({ file, part = "", services, about = {} }: LockedFleet): LauncherLock {
  const folder = ensureStateFolder(FOLDER);
  const fleet = fleetKey(file);
  const name = `${fleet}.${shortHash(part)}.lock`;
  const path = join(folder, name);
  const lock = written(path, () => takeLockFile(path, { ...about, services }));
  if (!lock.ok) {
    if (lock.owner) throw alreadyRunning(file, lock.owner);
    throw new StateFolderError(`cannot take the lock ${path}`, { hint: "remove the file if no launcher runs" });
  }
  /** Looked for only when ours is written: of two launchers that start at once, at least one sees the other. */
  const refuseShared = (ids: readonly string[]) => {
    for (const { path: other, owner } of locksIn(folder)) {
      if (other === path || !basename(other).startsWith(`${fleet}.`)) continue;
      const theirs: unknown[] = Array.isArray(owner?.services) ? owner.services : [];
      const shared = ids.find((id) => theirs.includes(id));
      if (owner && shared !== undefined) throw alreadyRunning(`${shared} of ${file}`, owner);
    }
  };
  try {
    refuseShared(services);
  } catch (error) {
    lock.release();
    throw error;
  }
  let said = services;
  let told = about;
  const say = (ids: readonly string[]) => written(path, () => lock.update({ ...told, services: ids }));
  return {
    release: lock.release,
    update(ids) {
      say(ids);
      try {
        refuseShared(ids);
      } catch (error) {
        say(said);
        throw error;
      }
      said = ids;
    },
    note(more) {
      told = { ...told, ...more };
      say(said);
    },
  };
}

/** The lock file of a launcher. */
export interface FoundLock {
  path: string;
  /** The launcher, if it still lives, with what it says of itself. */
  owner: LockOwner | undefined;
}

/** The locks of all launchers. @param env of a process whose state folder is meant */
export function launcherLocks(env: Record<string, string | undefined>): FoundLock[] {
  return locksIn(join(stateFolder(env), FOLDER));
}

function locksIn(folder: string): FoundLock[] {
  return namesIn(folder)
    .filter((name) => name.endsWith(".lock"))
    .map((name) => ({ path: join(folder, name), owner: lockOwner(join(folder, name)) }));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // No launcher has been run here, or another user's have: there is no lock to be seen.
    return [];
  }
}

/** @throws StateFolderError when `write` fails */
function written<T>(path: string, write: () => T): T {
  try {
    return withReserve(write);
  } catch (cause) {
    throw new StateFolderError(`cannot take the lock ${path}: ${describeError(cause)}`, {
      cause,
      hint: "set TCS_STATE_DIR to a folder you can write to",
    });
  }
}

function alreadyRunning(what: string, { pid }: ProcessIdentity): AlreadyRunningError {
  return new AlreadyRunningError(`${what} is already run by a launcher on this host (pid ${pid})`, {
    hint: `see it with "tcs status"; end it with "kill ${pid}"`,
  });
}
