// What services are made of, and what they run with: compared by content, so that a file that is only touched is the same.
import { readFileSync, realpathSync } from "node:fs";
import { type Contents, type FileContent, ImportScanner } from "./import-scan.ts";

/** A service, and the file its class is in. */
export interface ServiceFile {
  id: string;
  path: string;
}

/** A service whose files are not what they were when they were last looked at. */
export interface ChangedService {
  id: string;
  /** Absolute paths of those that matter to people: what was edited, else what is new, else what is gone. */
  files: string[];
  /** They are again what it runs with. */
  isUndone: boolean;
}

export interface Look {
  changed: ChangedService[];
  /** Files are gone or empty that were not: somebody may be writing them just now. Their services are not in `changed`. */
  isUnsettled: boolean;
}

interface Tracked {
  path: string;
  /** What it runs with. */
  running: Contents;
  /** What was last looked at. */
  seen: Contents;
}

/** Of the text "", which is what an editor that is about to write leaves for a moment. */
const EMPTY = Bun.hash("");

export class Sources {
  readonly #services = new Map<string, Tracked>();
  readonly #scanner = new ImportScanner();

  /** These services, and no others: a new one, or one from another file now, runs with what is there. */
  track(services: readonly ServiceFile[]): void {
    const wanted = new Set(services.map(({ id }) => id));
    for (const id of this.#services.keys()) if (!wanted.has(id)) this.#services.delete(id);
    const read = reader();
    for (const { id, path } of services) {
      if (this.#services.get(id)?.path === path) continue;
      const running = this.#scanner.scan(path, read);
      this.#services.set(id, { path, running, seen: running });
    }
  }

  /** Paths at which something may happen that matters. */
  get paths(): Set<string> {
    const paths = new Set<string>();
    for (const { running, seen } of this.#services.values()) {
      for (const path of [...running.keys(), ...seen.keys()]) paths.add(path).add(realPath(path));
    }
    return paths;
  }

  /** What is different since the last look. @param isFinal what is gone is believed to be gone */
  look({ isFinal = false } = {}): Look {
    const read = reader();
    const changed: ChangedService[] = [];
    let isUnsettled = false;
    for (const [id, service] of this.#services) {
      const now = this.#scanner.scan(service.path, read);
      const paths = differing(service.seen, now);
      if (paths.length === 0) continue;
      const isLost = (path: string) => now.has(path) && isNothing(now.get(path)) && !isNothing(service.seen.get(path));
      if (!isFinal && paths.some(isLost)) {
        isUnsettled = true;
        continue;
      }
      const files = telling(paths, service.seen, now);
      service.seen = now;
      changed.push({ id, files, isUndone: differing(service.running, now).length === 0 });
    }
    return { changed, isUnsettled };
  }

  /** The services run with what was last looked at. */
  accept(ids: Iterable<string>): void {
    for (const id of ids) {
      const service = this.#services.get(id);
      if (service) service.running = service.seen;
    }
  }
}

/** Reads each file once. */
function reader(): (path: string) => FileContent | undefined {
  const known = new Map<string, FileContent | undefined>();
  return (path) => {
    if (!known.has(path)) known.set(path, contentOf(path));
    return known.get(path);
  };
}

/** The content of a file; undefined when it cannot be read. */
export function contentOf(path: string): FileContent | undefined {
  try {
    const text = readFileSync(path, "utf8");
    return { text, hash: Bun.hash(text) };
  } catch {
    // Gone, a folder, or not readable: there is nothing to run.
    return undefined;
  }
}

function isNothing(hash: FileContent["hash"] | undefined): boolean {
  return hash === undefined || hash === EMPTY;
}

function differing(before: Contents, now: Contents): string[] {
  const paths = new Set([...before.keys(), ...now.keys()]);
  return [...paths].filter((path) => before.get(path) !== now.get(path) || before.has(path) !== now.has(path));
}

/** Of a file that imports others than before, these follow from it: only the first is what somebody did. */
function telling(paths: readonly string[], before: Contents, now: Contents): string[] {
  const isThere = (contents: Contents) => (path: string) => contents.get(path) !== undefined;
  const there = paths.filter(isThere(now));
  const edited = there.filter(isThere(before));
  const told = [edited, there, paths].find((some) => some.length > 0);
  return [...(told ?? [])];
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there: it has no other name.
    return path;
  }
}
