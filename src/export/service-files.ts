// The files that a configuration's services are made of, for a place without folders: a ConfigMap.
import { readFileSync } from "node:fs";
import { dirname, extname, relative } from "node:path";
import { importsIn } from "../common/imports.ts";
import type { ServiceRow } from "../config/types.ts";
import { ExportError } from "./errors.ts";

/** Of all files together, bytes: a ConfigMap takes 1 MiB, its other parts included. */
const MOST_BYTES = 900_000;
/** What a service file may import from the executable. */
const INSIDE = /^(?:ocabox-tcs|zod|nats)(?:\/|$)|^(?:node|bun):|^bun$/;

/**
 * The services' files, and what they import from files beside them, by path below the configuration's folder.
 * @throws ExportError for what does not fit: packages, files elsewhere, too much of it
 */
export function serviceFiles(rows: readonly ServiceRow[], folder: string): Map<string, string> {
  const files = new Map<string, string>();
  const add = (path: string, neededBy: string) => {
    const name = relative(folder, path).replaceAll("\\", "/");
    if (files.has(name)) return;
    if (name.startsWith("../")) throw unfit(`${path}, which ${neededBy} needs, is not below ${folder}`);
    const text = readFileSync(path, "utf8");
    files.set(name, text);
    for (const specifier of importsOf(path, text)) {
      if (INSIDE.test(specifier)) continue;
      if (!/^\.{0,2}\//.test(specifier)) throw unfit(`${name} imports "${specifier}", a package`);
      add(resolveImport(specifier, path, name), name);
    }
  };
  for (const { id, module } of rows) if (module.kind === "file") add(module.path, id);
  const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > MOST_BYTES) throw unfit(`the services' files have ${bytes} bytes together, of ${MOST_BYTES} at most`);
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function importsOf(path: string, text: string): string[] {
  const loader = extname(path) === ".json" ? undefined : /x$/.test(path) ? "tsx" : "ts";
  if (!loader) return [];
  return importsIn(text, loader);
}

function resolveImport(specifier: string, from: string, name: string): string {
  try {
    return Bun.resolveSync(specifier, dirname(from));
  } catch {
    // It will fail in the container, too; there nobody would look.
    throw unfit(`${name} imports "${specifier}", which is not there`);
  }
}

function unfit(what: string): ExportError {
  return new ExportError(`a ConfigMap cannot have the services' files: ${what}`, {
    hint: "--files image takes them from the image that tcs export docker describes",
  });
}
