// Room on the disk of the state folder that is kept for bad days: on a full disk a launcher can start, and keep what
// operators have stopped. What it writes for that is small, and without its lock it may not run.
import { randomFillSync } from "node:crypto";
import { statfsSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "../common/logger.ts";
import { stateFolder } from "../common/paths.ts";

/** Enough for several starts, bytes. */
const SIZE = 256 * 1024;
/** What is given up at a time, bytes: whatever has filled the disk takes what is left of it. */
const STEP = 32 * 1024;
/** What must be free for it not to be in others' way, bytes. */
const AMPLE = 16 * 2 ** 20;

/** What says that a disk is full, or a quota used up; the last is SQLite's. */
const FULL: readonly unknown[] = ["ENOSPC", "EDQUOT", "SQLITE_FULL"];

/** Fills the reserve up, where there is room for it; where there is none and some of it is spent, it says so. */
export function keepReserve(logger: Logger): void {
  const path = reservePath();
  const size = sizeOf(path);
  if (size === SIZE) return;
  try {
    const { bavail, bsize } = statfsSync(stateFolder());
    // Zeros take no room where files are compressed.
    if (bavail * bsize >= AMPLE) writeFileSync(path, randomFillSync(Buffer.alloc(SIZE)), { mode: 0o600 });
    else if (size !== undefined)
      logger.warning(
        `the disk of ${stateFolder()} is full, or nearly: make room, ${size / 1024} KiB are left for starts on it`,
      );
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
  const size = sizeOf(path) ?? 0;
  if (size === 0) return false;
  try {
    truncateSync(path, Math.max(0, size - STEP));
    return true;
  } catch {
    // It is not ours: what the room is needed for tells what is wrong.
    return false;
  }
}

/** Undefined: there never was one. */
function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function reservePath(): string {
  return join(stateFolder(), "reserve");
}
