// Room on the disk of the state folder that is kept for bad days: a launcher can start on a full disk. What it writes is
// small, and without its lock it may not run.
import { randomFillSync } from "node:crypto";
import { rmSync, statfsSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateFolder } from "../common/paths.ts";

/** Enough for several starts, bytes. */
const SIZE = 256 * 1024;
/** What is given up at a time, bytes: whatever has filled the disk takes what is left of it. */
const STEP = 32 * 1024;
/** What must be free for it not to be in others' way, bytes. */
const AMPLE = 16 * 2 ** 20;

/** What says that a disk is full, or a quota used up; the last is SQLite's. */
const FULL: readonly unknown[] = ["ENOSPC", "EDQUOT", "SQLITE_FULL"];

/** Fills the reserve up, where there is room for it. */
export function keepReserve(): void {
  const path = reservePath();
  if (sizeOf(path) === SIZE) return;
  try {
    const { bavail, bsize } = statfsSync(stateFolder());
    if (bavail * bsize < AMPLE) return;
    // Zeros take no room where files are compressed.
    writeFileSync(path, randomFillSync(Buffer.alloc(SIZE)), { mode: 0o600 });
  } catch {
    // A quota, a folder of somebody else's: there is less of it then, or none.
  }
}

/** Does something that needs a little room; on a full disk at the cost of the reserve. @throws what `work` throws */
export function withReserve<T>(work: () => T): T {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isFull(error) || !spend()) throw error;
    }
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && FULL.includes(error.code);
}

/** @returns false when nothing is left */
function spend(): boolean {
  const path = reservePath();
  const size = sizeOf(path);
  if (size === 0) return false;
  try {
    if (size > STEP) truncateSync(path, size - STEP);
    else rmSync(path);
  } catch {
    // Another launcher has had it, or it is not ours: what it is needed for tells what is wrong.
    return false;
  }
  return true;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function reservePath(): string {
  return join(stateFolder(), "reserve");
}
