// Files put in place whole or not at all, whatever ends the program in between.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { toDisk } from "../common/to-disk.ts";
import { onDisk } from "./errors.ts";

/** Begins the name of what is not whole yet; the next installation removes it. */
export const SCRATCH = ".tcs-new.";

/** Where a file is made before it is put in place. */
export function scratchFor(path: string): string {
  return join(dirname(path), `${SCRATCH}${basename(path)}`);
}

/** Writes a text file that everybody may read. Its folder must be there. @throws InstallError */
export function writeWhole(path: string, text: string): void {
  replace(path, (scratch) => {
    writeFileSync(scratch, text, { mode: 0o644 });
    chmodSync(scratch, 0o644);
    toDisk(scratch);
  });
}

/** Copies an executable. A process that runs the old one keeps it: the file is another. @throws InstallError */
export function copyExecutable(from: string, to: string): void {
  replace(to, (scratch) => {
    copyFileSync(from, scratch);
    chmodSync(scratch, 0o755);
    toDisk(scratch);
  });
}

/** Makes `path` a link to `target`, instead of whatever it was. @throws InstallError */
export function switchLink(path: string, target: string): void {
  replace(path, (scratch) => symlinkSync(target, scratch));
}

/** Where a link leads; undefined when it is none, or not there. */
export function linkTarget(path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isSymbolicLink() ? readlinkSync(path) : undefined;
}

/** Makes a folder with those above it. @returns those that were not there, outermost first. @throws InstallError */
export function makeFolder(path: string): string[] {
  const missing: string[] = [];
  for (let folder = path; !existsSync(folder); folder = dirname(folder)) missing.unshift(folder);
  onDisk(`make the folder ${path}`, () => {
    mkdirSync(path, { recursive: true });
    for (const folder of missing) chmodSync(folder, 0o755);
  });
  return missing;
}

function replace(path: string, write: (scratch: string) => void): void {
  const scratch = scratchFor(path);
  onDisk(`write ${path}`, () => {
    try {
      rmSync(scratch, { force: true });
      write(scratch);
      renameSync(scratch, path);
      toDisk(dirname(path));
    } catch (error) {
      rmSync(scratch, { force: true });
      throw error;
    }
  });
}
