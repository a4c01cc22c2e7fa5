// File names for ids: any legal id gives a safe name, and the name gives the id back.
import { createHash } from "node:crypto";

export const EXTENSION = ".jsonl";
/** Longest encoded id, bytes: with extension and number it stays below the 255 of file systems. */
const LONGEST = 200;

/** `hello_world.main.jsonl`; what is not a letter, digit, `.`, `_` or `-` is written as %XX. */
export function fileName(id: string): string {
  const encoded = encodeURIComponent(id.toWellFormed()).replaceAll(
    /[^A-Za-z0-9._%-]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (encoded.length <= LONGEST) return encoded + EXTENSION;
  const hash = createHash("sha256").update(id).digest("hex").slice(0, 16);
  return `${encoded.slice(0, LONGEST - 17).replace(/%.?$/, "")}~${hash}${EXTENSION}`;
}

/** The id of a file name without number; undefined when only the file's lines tell it (or it is none of ours). */
export function idOfFileName(name: string): string | undefined {
  const encoded = name.slice(0, -EXTENSION.length);
  try {
    const id = decodeURIComponent(encoded);
    return fileName(id) === name ? id : undefined;
  } catch {
    // A stray % : not written by us, or cut.
    return undefined;
  }
}
