// Writes a set of files and folders: all of them, or none.
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { describeError, TcsError } from "./errors.ts";

/**
 * A file could not be written; nothing was.
 * @cause A file could not be written; those that were written before it have been taken back.
 * @remedy Make room, or get the right to write there; --dir names another folder.
 * @example cannot write /home/ann/camera.ts/guider.ts: a part of the path is a file; nothing was written
 */
export class WriteError extends TcsError {
  override readonly code = "E_WRITE";
}

export interface FileEntry {
  kind: "file";
  /** Absolute path. */
  path: string;
  content: string;
  /** Permission bits; by default those of the file it replaces, else 0666 less the umask. */
  mode?: number;
  /** What may be there already: nothing, anything, or exactly this text. */
  replaces: "nothing" | "anything" | { text: string };
}

/** A folder that is tcs's own: replaced as a whole. */
export interface FolderEntry {
  kind: "folder";
  path: string;
  /** Contents by path below the folder, with `/`. */
  files: ReadonlyMap<string, string>;
}

export type Entry = FileEntry | FolderEntry;

export interface Written {
  /** Absolute; a folder's ends with `/`. */
  path: string;
  action: "created" | "updated" | "replaced";
}

/**
 * Writes all entries. Everything is first written beside its place, then renamed into it; a failure at any point takes
 * back whatever was done, the folders made on the way included.
 * @throws WriteError
 */
export function writeAll(entries: readonly Entry[]): Written[] {
  const written: Written[] = [];
  const undo: (() => void)[] = [];
  const leftovers: string[] = [];
  let current = entries[0]?.path ?? "";
  try {
    for (const entry of entries) {
      current = entry.path;
      makeFolder(dirname(entry.path), undo);
      const staged = sibling(entry.path, "new");
      undo.push(() => remove(staged));
      stage(entry, staged);
    }
    for (const entry of entries) {
      current = entry.path;
      const replaced = putInPlace(entry, undo);
      if (replaced) leftovers.push(replaced);
      written.push({ path: entry.kind === "folder" ? `${entry.path}/` : entry.path, action: action(entry, replaced) });
    }
  } catch (cause) {
    const failures = undo.reverse().flatMap((step) => attempt(step));
    const taken = failures.length === 0 ? "nothing was written" : `and could not be taken back: ${failures.join("; ")}`;
    throw new WriteError(`cannot write ${current}: ${reason(cause)}; ${taken}`, { cause, ...hintFor(cause) });
  }
  // The work is done; what was replaced is only clutter now, and must not turn success into failure.
  for (const path of leftovers) attempt(() => remove(path));
  return written;
}

function action(entry: Entry, replaced: string | undefined): Written["action"] {
  if (replaced === undefined) return "created";
  return entry.kind === "file" && entry.replaces === "anything" ? "replaced" : "updated";
}

function stage(entry: Entry, staged: string): void {
  if (entry.kind === "file") {
    writeFileSync(staged, entry.content, { flag: "wx" });
    const mode = entry.mode ?? modeOf(entry.path);
    if (mode !== undefined) chmodSync(staged, mode);
    return;
  }
  mkdirSync(staged);
  const made = new Set<string>();
  for (const [name, text] of entry.files) {
    const path = join(staged, name);
    const folder = dirname(path);
    if (!made.has(folder)) mkdirSync(folder, { recursive: true });
    made.add(folder);
    writeFileSync(path, text);
  }
}

/** Moves the staged entry into its place. @returns where that which it replaces is kept until all is done */
function putInPlace(entry: Entry, undo: (() => void)[]): string | undefined {
  const { path } = entry;
  const staged = sibling(path, "new");
  if (entry.kind === "file" && entry.replaces === "nothing") {
    renameToFree(staged, path);
    undo.push(() => remove(path));
    return undefined;
  }
  if (
    entry.kind === "file" &&
    typeof entry.replaces === "object" &&
    readFileSync(path, "utf8") !== entry.replaces.text
  ) {
    throw new Error("it was changed by something else in the meantime");
  }
  if (!existsSync(path)) {
    renameSync(staged, path);
    undo.push(() => remove(path));
    return undefined;
  }
  const old = sibling(path, "old");
  if (entry.kind === "folder") {
    if (!lstatSync(path).isDirectory()) throw new Error("it is not a folder");
    renameSync(path, old);
    undo.push(() => renameSync(old, path));
    renameSync(staged, path);
    undo.push(() => remove(path));
  } else {
    if (!lstatSync(path).isFile()) throw new Error("it is not a file");
    // Never a moment without the file: a copy is kept, and the file is replaced in one step.
    copyFileSync(path, old, constants.COPYFILE_EXCL);
    undo.push(() => remove(old));
    renameSync(staged, path);
    undo.push(() => renameSync(old, path));
  }
  return old;
}

/** Renames, but never onto something that is there. */
function renameToFree(from: string, to: string): void {
  try {
    linkSync(from, to);
    rmSync(from);
  } catch (error) {
    if (errorCode(error) === "EEXIST" || existsSync(to)) throw error;
    // A filesystem without hard links: the check and the rename are two steps there.
    renameSync(from, to);
  }
}

function makeFolder(path: string, undo: (() => void)[]): void {
  const missing: string[] = [];
  for (let folder = path; !existsSync(folder) && dirname(folder) !== folder; folder = dirname(folder)) {
    missing.unshift(folder);
  }
  for (const folder of missing) {
    mkdirSync(folder);
    undo.push(() => rmdirSync(folder));
  }
}

/** Asks first: what could not be made (a name too long, a folder that is a file) cannot be removed either. */
function remove(path: string): void {
  if (existsSync(path)) rmSync(path, { recursive: true, force: true });
}

function sibling(path: string, purpose: "new" | "old"): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${purpose}`);
}

function modeOf(path: string): number | undefined {
  return existsSync(path) ? lstatSync(path).mode & 0o7777 : undefined;
}

function attempt(step: () => void): string[] {
  try {
    step();
    return [];
  } catch (error) {
    return [describeError(error)];
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EEXIST: "it exists already",
  ENOTDIR: "a part of the path is a file",
  EISDIR: "it is a folder",
  ENAMETOOLONG: "the path is too long",
};

function reason(error: unknown): string {
  const code = errorCode(error);
  return (code && REASONS[code]) ?? describeError(error);
}

function hintFor(error: unknown): { hint?: string } {
  const code = errorCode(error);
  const forbidden = code === "EACCES" || code === "EPERM" || code === "EROFS";
  return forbidden ? { hint: "change to a folder you can write to, or give one with --dir" } : {};
}
