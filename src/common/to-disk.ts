// Files that are to be there, whole, after a power cut.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Returns when what was written to a file, or what is in a folder, is on the disk. @throws Error of the file system */
export function toDisk(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Puts `text` at `path`, for this user only: whole or not at all, and through to the disk.
 * @param scratch a path in the same folder that nobody else writes to
 * @throws Error of the file system; then what was there before is there as it was
 */
export function writeToDisk(path: string, text: string, scratch = `${path}.${process.pid}.new`): void {
  try {
    writeFileSync(scratch, text, { mode: 0o600 });
    toDisk(scratch);
    renameSync(scratch, path);
    toDisk(dirname(path));
  } finally {
    rmSync(scratch, { force: true });
  }
}
