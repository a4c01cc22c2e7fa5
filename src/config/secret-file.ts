// Files that hold a secret of one user: read, and refused when everybody on the host can read them.
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { shellWord } from "../common/shell-word.ts";

export type SecretFile = { ok: true; text: string } | { ok: false; given: string; expected: string; hint?: string };

/** Any right of others: read, write (whoever writes it decides what it says), execute. */
const RIGHTS_OF_OTHERS = 0o007;

/** Reads it anew each time, so that a secret that was replaced counts at once. Never throws; `text` is trimmed. */
export function readSecretFile(path: string): SecretFile {
  const open = readableFile(path);
  if (!open.ok) return open;
  if ((open.mode & RIGHTS_OF_OTHERS) !== 0) {
    const rights = (open.mode & 0o777).toString(8).padStart(3, "0");
    return {
      ok: false,
      given: `${path}, which every user of this host may use (mode ${rights})`,
      expected: "a file that only its owner can read",
      hint: `type: chmod 600 ${shellWord(path)}`,
    };
  }
  const text = open.text.trim();
  if (text === "") return { ok: false, given: `${path}, which is empty`, expected: "a file with the secret in it" };
  return { ok: true, text };
}

/** Reads a file that everybody may know, as a certificate. Never throws. */
export function readPublicFile(path: string): SecretFile {
  return readableFile(path);
}

/** A path as it stands in a configuration: `~/` is the home of whoever runs tcs, the rest is relative to `folder`. */
export function filePath(folder: string, path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(folder, path);
}

function readableFile(path: string): { ok: true; text: string; mode: number } | Extract<SecretFile, { ok: false }> {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return { ok: false, given: `${path}, which is no file`, expected: "a file" };
    return { ok: true, text: readFileSync(path, "utf8"), mode: stat.mode };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const why =
      code === "ENOENT" || code === "ENOTDIR"
        ? "which does not exist"
        : code === "EACCES"
          ? "which this user may not read"
          : `which cannot be read (${String(code)})`;
    return { ok: false, given: `${path}, ${why}`, expected: "a file that can be read" };
  }
}
