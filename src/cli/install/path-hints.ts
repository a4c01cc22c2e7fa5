// Whether the shell finds what was installed, and what to do when it does not.
import { existsSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";

/** @returns one line each; none when all is well */
export function pathHints(link: string, path: string | undefined): string[] {
  const folders = (path ?? "").split(delimiter).filter((folder) => folder !== "");
  const bin = dirname(link);
  const at = folders.findIndex((folder) => resolve(folder) === bin);
  if (at < 0) return [`${bin} is not on your PATH; in your shell's profile: export PATH="${bin}:$PATH"`];
  const other = folders.slice(0, at).find((folder) => existsSync(join(folder, "tcs")));
  if (other === undefined) return [];
  return [
    `your shell finds another tcs first, ${join(other, "tcs")}: remove it, or put ${bin} before ${other} on PATH`,
  ];
}
