// Following the log files of this host, over rotation, removal and new services: no line twice, none left out.
import type { Stats } from "node:fs";
import { open, stat } from "node:fs/promises";
import { fromFileLine, type LogLine } from "./line.ts";
import { filesOf, findLocalLogs, type LocalLog } from "./local.ts";
import type { LocalMark } from "./local-history.ts";
import { byId, mergeByTime } from "./merge.ts";

const LOOK_MS = 200;
/** How often new logs are looked for, in looks. */
const SEARCH_EVERY = 5;
const CHUNK_BYTES = 1024 * 1024;

export interface LocalFollowOptions {
  /** Which logs. */
  select: (log: LocalLog) => boolean;
  /** How far each was read, by path; logs that are not named are read from their beginning. */
  marks: Map<string, LocalMark>;
  onLines: (lines: LogLine[]) => void | Promise<void>;
  signal: AbortSignal;
  folder?: string;
}

/** Calls `onLines` for what is written, until `signal` is aborted. */
export async function followLocalLogs({ select, marks, onLines, signal, folder }: LocalFollowOptions): Promise<void> {
  let logs: LocalLog[] = [];
  for (let look = 0; !signal.aborted; look++) {
    if (look % SEARCH_EVERY === 0) logs = findLocalLogs(folder).filter(select);
    const lines: LogLine[][] = [];
    for (const log of logs) lines.push(await readNew(log, marks));
    const merged = mergeByTime(byId(lines.flat()));
    if (merged.length > 0) await onLines(merged);
    await Bun.sleep(LOOK_MS);
  }
}

/** What was written to one log since its mark, which is moved on. */
async function readNew(log: LocalLog, marks: Map<string, LocalMark>): Promise<LogLine[]> {
  const mark = marks.get(log.path);
  const current = await stat(log.path).catch(() => undefined);
  if (current && mark?.inode === current.ino && current.size === mark.offset) return [];
  if (current && mark?.inode === current.ino) return await readFrom(log, log.path, mark, marks);
  // Rotated (once or more often) or removed: the rest of the file we were in, then every newer one.
  const files: { path: string; found: Stats }[] = [];
  for (const path of filesOf(log)) {
    const found = await stat(path).catch(() => undefined);
    if (found) files.push({ path, found });
  }
  const at = files.findIndex(({ found }) => found.ino === mark?.inode);
  const newer = at < 0 ? files.filter(({ path, found }) => path === log.path || isAfter(found, mark)) : files.slice(at);
  const lines: LogLine[][] = [];
  for (const { path, found } of newer) {
    const from = found.ino === mark?.inode ? mark : { inode: found.ino, offset: 0 };
    lines.push(await readFrom(log, path, from, marks));
  }
  return lines.flat();
}

/** Whether a file may have lines that came after those of the marked one, which is gone: it was written to later. */
function isAfter({ mtimeMs }: Stats, mark: LocalMark | undefined): boolean {
  return mark === undefined || mtimeMs >= mark.writtenAt;
}

/** The whole lines of one file after `from`. */
async function readFrom(
  log: LocalLog,
  path: string,
  from: Omit<LocalMark, "writtenAt">,
  marks: Map<string, LocalMark>,
): Promise<LogLine[]> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return [];
  try {
    const { ino, size, mtimeMs } = await file.stat();
    // Rotated in this very moment: at the next look it is found by its new name.
    if (ino !== from.inode) return [];
    // Emptied by somebody: it begins anew.
    let offset = size < from.offset ? 0 : from.offset;
    const lines: LogLine[] = [];
    let rest = Buffer.alloc(0);
    while (offset + rest.length < size) {
      const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size - offset - rest.length));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, offset + rest.length);
      if (bytesRead === 0) break;
      const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      const end = bytes.lastIndexOf(10) + 1;
      for (const text of bytes.subarray(0, end).toString("utf8").split("\n")) {
        const line = text === "" ? undefined : fromFileLine(text);
        if (line) lines.push({ ...line, id: log.id });
      }
      offset += end;
      rest = Buffer.from(bytes.subarray(end));
    }
    marks.set(log.path, { inode: ino, offset, writtenAt: mtimeMs });
    return lines;
  } finally {
    await file.close();
  }
}
