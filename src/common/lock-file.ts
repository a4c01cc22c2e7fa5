// A file that says which living process owns something: one at a time has it, and it is free when that process is gone.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { identifyProcess, isAlive, type ProcessIdentity } from "./process-info.ts";

/** What a lock file says: whose it is, and what its owner has to add. */
export type LockOwner = ProcessIdentity & Record<string, unknown>;

/** A lock that is held. */
export interface HeldLock {
  /** Says something else from now on, if it still is ours. @throws Error of the file system: then it says what it said */
  update(more: Record<string, unknown>): void;
  /** Gives it back; more than once does no harm. */
  release(): void;
}

export type LockAttempt =
  | ({ ok: true } & HeldLock)
  /** `owner` is undefined when it was taken and given back too often to be had. */
  | { ok: false; owner: LockOwner | undefined };

/**
 * Takes the lock file `path`, in a folder that exists, for this process. The lock of a process that is gone is no lock.
 * @param more what else the file is to say
 * @throws Error of the file system
 */
export function takeLockFile(path: string, more: Record<string, unknown> = {}): LockAttempt {
  const me = identifyProcess(process.pid) ?? { pid: process.pid, startTime: 0 };
  const textOf = (saying: Record<string, unknown>) => JSON.stringify({ ...me, ...saying });
  const mine = textOf(more);
  const scratch = `${path}.${process.pid}`;
  try {
    writeFileSync(scratch, mine, { mode: 0o600 });
    for (let attempt = 0; attempt < 3; attempt++) {
      if (link(scratch, path)) return { ok: true, ...held(path, mine, textOf) };
      const found = read(path);
      const owner = livingOwner(found);
      if (owner) return { ok: false, owner };
      if (found !== undefined) removeStale(path, found);
    }
  } finally {
    rmSync(scratch, { force: true });
  }
  return { ok: false, owner: undefined };
}

/** The living process that has the lock `path`. */
export function lockOwner(path: string): LockOwner | undefined {
  return livingOwner(read(path));
}

function held(path: string, taken: string, textOf: (more: Record<string, unknown>) => string): HeldLock {
  let mine = taken;
  return {
    update(more) {
      // It was taken away from us: then it is not ours to write.
      if (read(path) !== mine) return;
      const text = textOf(more);
      rewrite(path, text);
      mine = text;
    },
    release() {
      if (read(path) === mine) rmSync(path, { force: true });
    },
  };
}

/** Whole or not at all. */
function rewrite(path: string, text: string): void {
  const scratch = `${path}.${process.pid}`;
  try {
    writeFileSync(scratch, text, { mode: 0o600 });
    renameSync(scratch, path);
  } finally {
    rmSync(scratch, { force: true });
  }
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

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Gone in the meantime: nobody owns it.
    return undefined;
  }
}

function livingOwner(text: string | undefined): LockOwner | undefined {
  let owner: unknown;
  try {
    owner = JSON.parse(text ?? "");
  } catch {
    // Damaged, as after a crash of the machine: its process cannot be alive.
    return undefined;
  }
  return isOwner(owner) && isAlive(owner) ? owner : undefined;
}

function isOwner(value: unknown): value is LockOwner {
  if (typeof value !== "object" || value === null) return false;
  const { pid, startTime } = value as Partial<Record<string, unknown>>;
  return typeof pid === "number" && typeof startTime === "number";
}

/** Removes the lock if it is still the one that was `found` to be stale. */
function removeStale(path: string, found: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
    // Another process was faster and had taken it anew: it gets it back.
    if (read(aside) !== found) link(aside, path);
    rmSync(aside, { force: true });
  } catch (error) {
    // Another process removed it first: the next attempt tells who has it now.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
