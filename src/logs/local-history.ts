// What the log files of this host say: the last lines, read from the end.
import { type FileHandle, open } from "node:fs/promises";
import { isWanted, type LogFilter } from "./filter.ts";
import { fromFileLine, type LogLine } from "./line.ts";
import { filesOf, type LocalLog } from "./local.ts";

const CHUNK_BYTES = 256 * 1024;

/** How far a log was read: what is written later comes after it. */
export interface LocalMark {
  inode: number;
  offset: number;
  /** When the file was last written to before that, milliseconds since the epoch. */
  writtenAt: number;
}

export interface LocalHistory {
  /** Oldest first. */
  lines: LogLine[];
  /** The end of the log when it was read; undefined when there was nothing. */
  end: LocalMark | undefined;
}

/** The last `count` wanted lines of one log, from whichever of its files. */
export async function readLocalLog(log: LocalLog, filter: LogFilter, count: number): Promise<LocalHistory> {
  const found: LogLine[] = [];
  let end: LocalMark | undefined;
  // A file has one inode under all its names: one that is rotated while we read is not read twice.
  const seen = new Set<number>();
  for (const path of filesOf(log).toReversed()) {
    const file = await open(path, "r").catch(() => undefined);
    if (!file) continue;
    try {
      const { ino, size, mtimeMs } = await file.stat();
      if (seen.has(ino)) continue;
      seen.add(ino);
      end ??= { inode: ino, offset: await endOfLines(file, size), writtenAt: mtimeMs };
      const isOver = await readBackward(file, ino === end.inode ? end.offset : size, (line) => {
        if (found.length >= count) return false;
        if (isWanted(line.record, filter)) found.push({ ...line, id: log.id });
        // Clocks go back now and then, but not by days: what is that much older ends the search.
        return filter.since === undefined || line.record.time > filter.since - CLOCK_SLACK_MS;
      });
      if (isOver) break;
    } finally {
      await file.close();
    }
  }
  return { lines: found.reverse(), end };
}

const CLOCK_SLACK_MS = 2 * 3_600_000;

/** Calls `take` for each line, the last first, until it returns false. @returns whether it did */
async function readBackward(file: FileHandle, size: number, take: (line: LogLine) => boolean): Promise<boolean> {
  let tail = Buffer.alloc(0);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const chunk = Buffer.alloc(end - start);
    const { bytesRead } = await file.read(chunk, 0, chunk.length, start);
    const bytes = Buffer.concat([chunk.subarray(0, bytesRead), tail]);
    end = start;
    // What stands before the first line feed continues in the chunk before.
    const firstEnd = start === 0 ? 0 : bytes.indexOf(10) + 1;
    if (start > 0 && firstEnd === 0) {
      tail = bytes;
      continue;
    }
    tail = bytes.subarray(0, firstEnd);
    const lines = bytes.subarray(firstEnd).toString("utf8").split("\n");
    for (const text of lines.reverse()) {
      const line = text === "" ? undefined : fromFileLine(text);
      if (line && !take(line)) return true;
    }
  }
  return false;
}

/** The place after the last whole line. */
async function endOfLines(file: FileHandle, size: number): Promise<number> {
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const chunk = Buffer.alloc(end - start);
    await file.read(chunk, 0, chunk.length, start);
    const at = chunk.lastIndexOf(10);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}
