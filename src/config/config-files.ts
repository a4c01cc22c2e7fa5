// Which files a configuration is: those named, those of a folder, and those that they include.
import { readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { nearest } from "../common/nearest.ts";
import { type Checker, type Place, showNode } from "./checker.ts";
import { didYouMean } from "./errors.ts";
import { isNull, type MapNode, type Node, sourceFile } from "./source-tree.ts";

/** More is a mistake in a pattern. */
const MOST_FILES = 1000;

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The folder that belongs to a configuration, which may be a folder itself: `.env` stands there. */
export function configFolder(path: string): string {
  return isFolder(path) ? resolve(path) : dirname(resolve(path));
}

/** The configuration files of a folder, in the order of their names: not hidden ones, backups, or those put aside by another ending. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^[^.].*\.ya?ml$/.test(name) && !isFolder(join(folder, name)))
    .sort()
    .map((name) => join(folder, name));
}

/** Files to read, each once, in their order; and the folders in which others may appear. */
export class FileList {
  readonly #seen = new Set<string>();
  /** Absolute paths of the folders that were looked into. */
  readonly folders = new Set<string>();

  /** Whether a file is read for the first time, by whatever path. */
  isNew(path: string): boolean {
    const real = realPath(path);
    if (this.#seen.has(real)) return false;
    this.#seen.add(real);
    return true;
  }

  /** Absolute or as named, like `path`: the file itself, or the files of the folder. */
  expand(path: string): string[] {
    if (!isFolder(path)) return [path];
    this.folders.add(resolve(path));
    return filesOf(path);
  }

  /** The files that `include:` in `root` names; what is wrong goes to `checker`. */
  included(checker: Checker, root: MapNode): string[] {
    const node = root.entries.get("include")?.value;
    if (!node || isNull(node)) return [];
    if (node.kind === "map") {
      checker.report(node, "include", showNode(node), "a file, a folder or a pattern, or a list of these");
      return [];
    }
    const items: [Node, string][] =
      node.kind === "seq" ? node.items.map((item, i) => [item, `include[${i}]`]) : [[node, "include"]];
    const files = items.flatMap(([item, key]) => this.#include(checker, item, key));
    if (this.#seen.size + files.length <= MOST_FILES) return files;
    checker.report(node, "include", `${files.length} files`, `at most ${MOST_FILES}`, "is the pattern the right one?");
    return [];
  }

  #include(checker: Checker, node: Node, key: string): string[] {
    const text = checker.text(node, key, "a file, a folder or a pattern as conf.d/*.yaml");
    const from = sourceFile(node.source);
    if (text === undefined || from === undefined) return [];
    const shown = (path: string) => (isAbsolute(node.source.name) ? path : relative(process.cwd(), path));
    const path = resolve(dirname(from), text);
    if (/[*?[{]/.test(text)) return this.#matching(dirname(from), text).map(shown);
    if (statSync(path, { throwIfNoEntry: false })) return this.expand(path).map(shown);
    reportMissing(checker, node, key, path);
    return [];
  }

  /** A pattern that matches nothing is no fault: a folder for files to come may be empty. */
  #matching(folder: string, pattern: string): string[] {
    const parts = pattern.split("/");
    const first = parts.findIndex((part) => /[*?[{]/.test(part));
    const base = resolve(folder, parts.slice(0, first).join("/") || (isAbsolute(pattern) ? "/" : "."));
    if (!isFolder(base)) return [];
    this.folders.add(base);
    const glob = new Bun.Glob(parts.slice(first).join("/"));
    return [...glob.scanSync({ cwd: base, absolute: true, onlyFiles: true, followSymlinks: true })].sort();
  }
}

function reportMissing(checker: Checker, place: Place, key: string, path: string): void {
  const folder = dirname(path);
  const near = isFolder(folder) ? nearest(basename(path), readdirSync(folder)) : undefined;
  checker.report(place, key, path, "a file or a folder that is there", didYouMean(near));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there, or a pipe: whoever reads it tells.
    return resolve(path);
  }
}
