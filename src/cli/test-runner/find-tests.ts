// Which files `bun test` would run: only to say clearly, before it starts, that there are none.
import { readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";

const TEST_FILE = /[._](test|spec)\.[cm]?[jt]sx?$/;

/** Absolute paths of the test files in `folder` and below, without those of installed packages and hidden folders. */
export function* testFiles(folder: string, seen = new Set<string>()): Generator<string> {
  // Links may lead in a circle.
  const real = realpathSync(folder);
  if (seen.has(real)) return;
  seen.add(real);
  const below: string[] = [];
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() || (entry.isSymbolicLink() && isFolder(path))) {
      if (entry.name !== "node_modules" && !entry.name.startsWith(".")) below.push(path);
    } else if (TEST_FILE.test(entry.name)) yield path;
  }
  for (const path of below) yield* testFiles(path, seen);
}

/** Whether `bun test` may take `pattern` to mean the test file `path`: it can be a part of the path, or a path itself. */
export function mayMean(pattern: string, path: string): boolean {
  return path.includes(pattern.replace(/^\.\//, ""));
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Not readable, or just removed: it has no tests for us.
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
