// From a file's bytes to a tree: size, encoding and syntax are judged here.
import { isUtf8 } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import { describeError } from "../common/errors.ts";
import type { ConfigIssue } from "./errors.ts";
import { readFullYaml, type YamlTree } from "./full-yaml.ts";
import { readQuickYaml } from "./quick-yaml.ts";
import { TextSource } from "./source-tree.ts";

/** The largest configuration file read, bytes. */
const MAX_FILE_BYTES = 2 * 1024 * 1024;

export type TextResult = { ok: true; source: TextSource } | { ok: false; issue: ConfigIssue };

/** Reads the text of a configuration file; pipes work too. Never reads more than the limit. */
export function readConfigText(file: string): TextResult {
  const fail = (given: string, expected: string, hint?: string): TextResult => ({
    ok: false,
    issue: { file, line: 0, column: 0, key: "", given, expected, ...(hint !== undefined && { hint }) },
  });
  let bytes: Uint8Array;
  try {
    bytes = readAtMost(file, MAX_FILE_BYTES + 1);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return fail("no such file", "a configuration file", "`tcs new service NAME` writes one");
    if (code === "EISDIR") return fail("a folder", "a configuration file");
    if (code === "EACCES") return fail("a file that may not be read", "read permission");
    return fail(describeError(error), "a readable file");
  }
  if (bytes.length > MAX_FILE_BYTES) {
    return fail("a file larger than 2 MB", "at most 2 MB", "is this the right file?");
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return fail("UTF-16 text", "UTF-8 text", "save it as UTF-8");
  }
  const failAt = (place: { line: number; column: number }, given: string): TextResult => ({
    ok: false,
    issue: { file, ...place, key: "", given, expected: "UTF-8 text", hint: "save it as UTF-8" },
  });
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    const before = bytes.subarray(0, nul);
    return isText(before) ? failAt(endOf(before), "a NUL byte") : fail("a binary file", "YAML text");
  }
  if (!isUtf8(bytes)) return failAt(firstBadByte(bytes), "bytes that are not UTF-8");
  // TextDecoder takes a byte order mark away.
  return { ok: true, source: new TextSource(file, new TextDecoder().decode(bytes)) };
}

/** Parses YAML: the fast reader first, the full one for whatever it does not take. */
export async function parseYaml(source: TextSource): Promise<YamlTree> {
  const root = readQuickYaml(source);
  return root ? { root, issues: [], broken: false } : await readFullYaml(source);
}

function readAtMost(file: string, limit: number): Uint8Array {
  const descriptor = openSync(file, "r");
  try {
    const chunks: Uint8Array[] = [];
    for (let total = 0; total < limit; ) {
      const chunk = new Uint8Array(64 * 1024);
      const count = readSync(descriptor, chunk);
      if (count === 0) break;
      total += count;
      chunks.push(chunk.subarray(0, count));
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(descriptor);
  }
}

/** Whether there is anything, and all of it is what an editor writes. */
function isText(bytes: Uint8Array): boolean {
  return (
    bytes.length > 0 &&
    isUtf8(bytes) &&
    bytes.every((byte) => (byte >= 32 && byte !== 127) || (byte >= 9 && byte <= 13))
  );
}

/** The place behind the last character. */
function endOf(text: Uint8Array): { line: number; column: number } {
  const lines = new TextDecoder().decode(text).split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

function firstBadByte(bytes: Uint8Array): { line: number; column: number } {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline;
    const row = bytes.subarray(start, end);
    if (!isUtf8(row)) {
      // What decodes before the first replacement mark is what was right; a mark may also stand in the text itself.
      const column = new TextDecoder().decode(row).indexOf("\uFFFD") + 1;
      return { line, column };
    }
    start = end + 1;
  }
  return { line: 1, column: 1 };
}
