// Whether a file can be read by whoever runs a unit.
import { statSync } from "node:fs";
import { dirname } from "node:path";

const READ = 0o4;
const ENTER = 0o1;

/** By anybody: what the groups of an account may do beside that is not asked. */
export function readableByOthers(path: string): boolean {
  return may(path, READ) && foldersOf(path).every((folder) => may(folder, ENTER));
}

function may(path: string, what: number): boolean {
  return (statSync(path).mode & what) === what;
}

function foldersOf(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersOf(folder)];
}
