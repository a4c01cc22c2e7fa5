// The log files of this host: which there are.
import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { stateFolder } from "../common/paths.ts";
import { EXTENSION, idOfFileName } from "./file-name.ts";
import { fromFileLine } from "./line.ts";

/** The log of one service as one launcher keeps it. */
export interface LocalLog {
  id: string;
  /** The current file; older ones have `.1`, `.2` … after its name. It may be missing for a moment. */
  path: string;
}

/** The folder that has a folder for each launcher. */
export function logsFolder(env: Record<string, string | undefined> = process.env): string {
  return join(stateFolder(env), "logs");
}

/** Every log that this user's launchers have written on this host. */
export function findLocalLogs(folder: string = logsFolder()): LocalLog[] {
  return namesIn(folder).flatMap((launcher) => {
    const files = namesIn(join(folder, launcher));
    const names = new Set(files.flatMap((file) => /^(.*\.jsonl)(?:\.\d+)?$/.exec(file)?.[1] ?? []));
    return [...names].flatMap((name) => {
      const path = join(folder, launcher, name);
      const id = idOfFileName(name) ?? idInside(path);
      return id === undefined ? [] : [{ id, path }];
    });
  });
}

/** The files of a log that exist, oldest first. */
export function filesOf({ path }: LocalLog): string[] {
  const folder = join(path, "..");
  const name = path.slice(folder.length + 1);
  const numbered = namesIn(folder).flatMap((file) => {
    if (file === name) return [{ file, number: 0 }];
    const number = file.startsWith(`${name}.`) ? Number(file.slice(name.length + 1)) : Number.NaN;
    return Number.isInteger(number) ? [{ file, number }] : [];
  });
  return numbered.toSorted((a, b) => b.number - a.number).map(({ file }) => join(folder, file));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Not there, not a folder, or not ours to read: no logs.
    return [];
  }
}

/** A name too long for a file name is told by the lines. */
function idInside(path: string): string | undefined {
  if (!path.endsWith(EXTENSION)) return undefined;
  try {
    const file = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(256 * 1024);
      const text = bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0)).toString("utf8");
      return fromFileLine(text.split("\n")[0] ?? "")?.id;
    } finally {
      closeSync(file);
    }
  } catch {
    // Rotated away in this moment: it is found at the next look.
    return undefined;
  }
}
