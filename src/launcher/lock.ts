// One launcher per fleet on a host: a second one is told who runs it.
import { createHash } from "node:crypto";
import { linkSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeError, StateFolderError, TcsError } from "../common/errors.ts";
import { ensureStateFolder } from "../common/paths.ts";
import { identifyProcess, isAlive, type ProcessIdentity } from "../common/process-info.ts";

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
}

/** What a lock file says. */
interface Owner extends ProcessIdentity {
  services: readonly string[];
}

/**
 * Takes the lock of a fleet, or of a part of it.
 * @returns gives it back
 * @throws AlreadyRunningError naming the process that runs it, or a part of it with one of the same services
 * @throws StateFolderError when the lock cannot be written
 */
export function lockLauncher({ file, part = "", services }: LockedFleet): () => void {
  const folder = ensureStateFolder("launchers");
  const fleet = fleetKey(file);
  const name = `${fleet}.${shortHash(part)}.lock`;
  const path = join(folder, name);
  const me = identifyProcess(process.pid) ?? { pid: process.pid, startTime: 0 };
  const mine = JSON.stringify({ ...me, services } satisfies Owner);
  take(path, mine, file);
  const release = () => {
    if (read(path) === mine) rmSync(path, { force: true });
  };
  // Looked for only now: of two launchers that start at once, at least one sees the other.
  for (const other of readdirSync(folder)) {
    if (other === name || !other.startsWith(`${fleet}.`) || !other.endsWith(".lock")) continue;
    const owner = livingOwner(read(join(folder, other)));
    const shared = owner?.services.find((id) => services.includes(id));
    if (!owner || shared === undefined) continue;
    release();
    throw alreadyRunning(`${shared} of ${file}`, owner);
  }
  return release;
}

function take(path: string, mine: string, file: string): void {
  const scratch = `${path}.${process.pid}`;
  try {
    writeFileSync(scratch, mine, { mode: 0o600 });
    for (let attempt = 0; attempt < 3; attempt++) {
      if (link(scratch, path)) return;
      const found = read(path);
      const owner = livingOwner(found);
      if (owner) throw alreadyRunning(file, owner);
      if (found !== undefined) removeStale(path, found);
    }
  } catch (cause) {
    if (cause instanceof TcsError) throw cause;
    throw new StateFolderError(`cannot take the lock ${path}: ${describeError(cause)}`, {
      cause,
      hint: "set TCS_STATE_DIR to a folder you can write to",
    });
  } finally {
    rmSync(scratch, { force: true });
  }
  throw new TcsError(`cannot take the lock ${path}`, { hint: "remove the file if no launcher runs" });
}

/** The lock appears whole or not at all. @returns false when there is one already */
function link(scratch: string, path: string): boolean {
  try {
    linkSync(scratch, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function alreadyRunning(what: string, { pid }: Owner): AlreadyRunningError {
  return new AlreadyRunningError(`${what} is already run by a launcher on this host (pid ${pid})`, {
    hint: `see it with "tcs status"; end it with "kill ${pid}"`,
  });
}

/** Names a fleet in file names: the same for one configuration file, by whatever path it is called. */
export function fleetKey(file: string): string {
  return shortHash(realpathSync(file));
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Gone in the meantime: nobody owns it.
    return undefined;
  }
}

function livingOwner(text: string | undefined): Owner | undefined {
  let owner: unknown;
  try {
    owner = JSON.parse(text ?? "");
  } catch {
    // Damaged, as after a crash of the machine: its launcher cannot be alive.
    return undefined;
  }
  return isOwner(owner) && isAlive(owner) ? owner : undefined;
}

function isOwner(value: unknown): value is Owner {
  if (typeof value !== "object" || value === null) return false;
  const { pid, startTime, services } = value as Partial<Record<keyof Owner, unknown>>;
  return typeof pid === "number" && typeof startTime === "number" && Array.isArray(services);
}

/** Removes the lock if it is still the one that was `found` to be stale. */
function removeStale(path: string, found: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
    // Another launcher was faster and had taken it anew: it gets it back.
    if (read(aside) !== found) link(aside, path);
    rmSync(aside, { force: true });
  } catch (error) {
    // Another launcher removed it first: the next attempt tells who has it now.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
