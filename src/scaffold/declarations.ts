// Build time: gathers the declaration files that one entry file can reach, and nothing else of its package.
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export interface Declarations {
  /** Texts by path relative to the root. */
  files: Map<string, string>;
  /** Packages that the files import. */
  packages: Set<string>;
}

/** Declaration files below `root` reachable from `entries` (paths relative to `root`). */
export function reachableDeclarations(root: string, entries: readonly string[]): Declarations {
  const found: Declarations = { files: new Map(), packages: new Set() };
  const queue = entries.map((entry) => join(root, entry));
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const name = relative(root, path);
    if (found.files.has(name)) continue;
    const text = readFileSync(path, "utf8");
    found.files.set(name, text);
    for (const specifier of imports(withoutComments(text))) {
      if (!specifier.startsWith(".")) found.packages.add(specifier);
      else queue.push(...resolveDeclaration(join(dirname(path), specifier)));
    }
    // Paths of references are relative even without "./".
    for (const [, reference = ""] of text.matchAll(/^\/\/\/\s*<reference\s+path="([^"]+)"/gm)) {
      queue.push(...resolveDeclaration(join(dirname(path), reference)));
    }
  }
  return found;
}

function* imports(text: string): Generator<string> {
  for (const match of text.matchAll(/\b(?:from|import|require)\s*\(?\s*(["'])([^"'\n]+)\1/g)) yield match[2] ?? "";
}

/** Examples in comments import things that are not there. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
}

function resolveDeclaration(path: string): string[] {
  const bare = path.replace(/(\.d)?\.[cm]?[jt]s$/, "");
  const candidates = [path.endsWith(".d.ts") ? path : `${bare}.d.ts`, `${path}.d.ts`, join(path, "index.d.ts")];
  const hit = candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile());
  return hit === undefined ? [] : [hit];
}
