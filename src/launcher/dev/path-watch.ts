// Hears of changes of files, by the system's word (inotify), also of those that are not there yet, or go and come back.
import { type FSWatcher, type Stats, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { describeError } from "../../common/errors.ts";

interface Watched {
  watcher: FSWatcher;
  /** The folder itself, whatever its name is now. */
  inode: number;
  /** Names in it that matter; undefined: all. */
  names: ReadonlySet<string> | undefined;
}

export interface PathWatchOptions {
  /** Something has happened to one of the paths, or may have. */
  onEvent: () => void;
  /** A folder cannot be watched: told once of each. */
  onFault: (folder: string, fault: string) => void;
}

export class PathWatch {
  readonly #options: PathWatchOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #faulty = new Set<string>();

  constructor(options: PathWatchOptions) {
    this.#options = options;
  }

  /**
   * Watches these paths (also with extensions, if they have none), and no others; to be called again after each event.
   * Folders are watched, not files: editors put new files in place of old ones. And the folders above them, where it
   * shows that they go, or come.
   */
  watch(paths: Iterable<string>): void {
    const wanted = new Map<string, Set<string> | undefined>();
    for (const path of paths) {
      if (folderAt(path)) wanted.set(path, undefined);
      addWithFoldersAbove(wanted, path);
    }
    for (const [folder, watched] of this.#watched) {
      if (wanted.has(folder) && folderAt(folder)?.ino === watched.inode) continue;
      watched.watcher.close();
      this.#watched.delete(folder);
    }
    for (const [folder, names] of wanted) {
      const known = this.#watched.get(folder);
      if (known) known.names = names;
      else this.#begin(folder, names);
    }
  }

  close(): void {
    for (const { watcher } of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  #begin(folder: string, names: Watched["names"]): void {
    const inode = folderAt(folder)?.ino;
    if (inode === undefined) return;
    try {
      const hear = (name: string | null) => {
        if (matters(this.#watched.get(folder)?.names, name)) this.#options.onEvent();
      };
      const watcher = watch(folder, { persistent: false }, (_, name) => hear(name));
      watcher.on("error", () => hear(null));
      this.#watched.set(folder, { watcher, inode, names });
    } catch (error) {
      if (this.#faulty.has(folder)) return;
      this.#faulty.add(folder);
      this.#options.onFault(folder, describeError(error));
    }
  }
}

/** How many folders above a path are watched: whole projects are moved, the root of the system is not. */
const LEVELS = 3;

function addWithFoldersAbove(wanted: Map<string, Set<string> | undefined>, path: string): void {
  let below = path;
  for (let level = 0; level < LEVELS || !folderAt(below); level++) {
    const folder = dirname(below);
    if (folder === below) return;
    const names = wanted.has(folder) ? wanted.get(folder) : new Set<string>();
    names?.add(basename(below));
    wanted.set(folder, names);
    below = folder;
  }
}

function folderAt(path: string): Stats | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() ? stat : undefined;
}

/** `helper` matters as `helper.ts` too: an import need not say. */
function matters(names: Watched["names"], name: string | null): boolean {
  if (!names || name === null) return true;
  return names.has(name) || names.has(name.slice(0, name.indexOf(".") < 0 ? undefined : name.indexOf(".")));
}
