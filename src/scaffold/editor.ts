// What an editor needs beside a service: `.tcs/` with types and compiler settings, and a tsconfig.json that uses it.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import editorTsconfig from "../../generators/templates/editor-tsconfig.json.hbs" with { type: "text" };
import tsconfig from "../../generators/templates/tsconfig.json.hbs" with { type: "text" };
import type { Entry } from "../common/transaction.ts";
import { SCHEMA_PATH } from "./editor-schema.ts";
import { openTypesArchive } from "./types-archive.ts";

export interface EditorSupport {
  entries: Entry[];
  /** What the user should know or do, one sentence each. */
  notes: string[];
}

/**
 * The entries to write for editors in `folder`; none where they are there, or where an installed ocabox-tcs serves.
 * @param ownTsconfig text of the tsconfig.json that is there, or is going to be
 */
export async function editorSupport(
  folder: string,
  ownTsconfig = readIfThere(join(folder, "tsconfig.json")),
): Promise<EditorSupport> {
  const isServed = ownTsconfig?.includes('"ocabox-tcs"') && !ownTsconfig.includes(OWN_TYPES);
  if (hasFramework(folder) || isServed) return { entries: [], notes: [] };

  const entries: Entry[] = [];
  const notes: string[] = [];
  const archive = await openTypesArchive();
  const digest = `${archive.digest}-${Bun.hash(editorTsconfig).toString(16)}\n`;
  const own = join(folder, ".tcs");
  const written = readIfThere(join(own, "digest"));
  // It may hold the schema of configurations alone: tcs config init writes that.
  if (existsSync(own) && written === undefined && !existsSync(join(folder, SCHEMA_PATH))) {
    return { entries, notes: [`${own} was not made by tcs, and was left as it is: there is no editor support`] };
  }
  if (written !== digest) {
    const files = new Map([
      // Written again at will, so not for version control.
      [".gitignore", "*\n"],
      ["digest", digest],
      ["tsconfig.json", editorTsconfig],
    ]);
    for (const [path, text] of Object.entries(archive.unpack())) files.set(`types/${path}`, text);
    entries.push({ kind: "folder", path: own, files });
  }
  if (ownTsconfig === undefined) {
    entries.push({ kind: "file", path: join(folder, "tsconfig.json"), content: tsconfig, replaces: "nothing" });
  } else if (!ownTsconfig.includes(".tcs/tsconfig.json") && !ownTsconfig.includes(OWN_TYPES)) {
    notes.push('tsconfig.json was left as it is: for editor support, add "extends": "./.tcs/tsconfig.json" to it');
  }
  return { entries, notes };
}

/** How a tsconfig.json names them that finds its way itself. */
const OWN_TYPES = ".tcs/types/ocabox-tcs";

/** Whether ocabox-tcs is installed where files in `folder` find it. */
function hasFramework(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "node_modules/ocabox-tcs/package.json"))) return true;
    if (dirname(at) === at) return false;
  }
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
