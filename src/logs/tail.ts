// The last lines of a log that another process writes, from the end of its file.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { LogRecord } from "../common/logger.ts";
import { fileName } from "./file-name.ts";
import { fromFileLine } from "./line.ts";

/** As much as is kept in memory of a service whose lines come by the launcher. */
const MOST_LINES = 50;
const TAIL_BYTES = 64 * 1024;

/** The last lines of an id, oldest first; at most 50, and none older than the current file. */
export function tailOf(folder: string, id: string, count = MOST_LINES): LogRecord[] {
  let file: number;
  try {
    file = openSync(join(folder, fileName(id)), "r");
  } catch {
    // It has not said anything yet.
    return [];
  }
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
    const lines = bytes.toString("utf8", 0, read).split("\n");
    // What the first one has before this is not known.
    if (size > TAIL_BYTES) lines.shift();
    const wanted = Math.max(0, Math.min(count, MOST_LINES));
    return wanted === 0 ? [] : lines.flatMap((line) => fromFileLine(line)?.record ?? []).slice(-wanted);
  } finally {
    closeSync(file);
  }
}
