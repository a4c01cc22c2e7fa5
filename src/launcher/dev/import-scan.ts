// Which files a service is made of: its own, and the local ones that it imports, and these import, and so on.
import { dirname, extname, isAbsolute, resolve } from "node:path";
import { importsIn } from "../../common/imports.ts";

/** A file as it is at one moment. */
export interface FileContent {
  text: string;
  hash: number | bigint;
}

/** What the files of a service are, by absolute path; undefined: it is imported, and not there. */
export type Contents = ReadonlyMap<string, FileContent["hash"] | undefined>;

type Loader = "ts" | "tsx" | "js" | "jsx";
/** Files that may import others. */
const LOADERS: Readonly<Record<string, Loader>> = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".js": "jsx",
  ".jsx": "jsx",
  ".mjs": "js",
  ".cjs": "js",
};

export class ImportScanner {
  /** What the files import, as they were last seen to parse. */
  readonly #imports = new Map<string, { hash: FileContent["hash"]; names: readonly string[] }>();

  /**
   * Packages and modules of the program are left out, and so are imports of types alone: they make no difference to
   * what runs.
   * @param read the content of a file; undefined when there is none
   */
  scan(entry: string, read: (path: string) => FileContent | undefined): Contents {
    const found = new Map<string, FileContent["hash"] | undefined>();
    const visit = (path: string) => {
      if (found.has(path)) return;
      const content = read(path);
      found.set(path, content?.hash);
      if (!content) return;
      for (const name of this.#namesIn(path, content)) {
        const target = locate(name, dirname(path));
        if (target !== undefined) visit(target);
      }
    };
    visit(entry);
    return found;
  }

  /** While a file does not parse, it imports what it did when it last has. */
  #namesIn(path: string, { text, hash }: FileContent): readonly string[] {
    const loader = LOADERS[extname(path)];
    const known = this.#imports.get(path);
    if (!loader) return [];
    if (known?.hash === hash) return known.names;
    try {
      const names = importsIn(text, loader);
      this.#imports.set(path, { hash, names });
      return names;
    } catch {
      // What is wrong with it is told by whoever loads it.
      return known?.names ?? [];
    }
  }
}

/** The local file that an import means, there or not; undefined for packages and what is in the program. */
function locate(name: string, folder: string): string | undefined {
  let path: string;
  try {
    path = Bun.resolveSync(name, folder);
  } catch {
    // Not there (yet): where it would be is known of relative names only.
    return /^\.{0,2}\//.test(name) ? resolve(folder, name) : undefined;
  }
  return isAbsolute(path) && !path.includes("/node_modules/") ? path : undefined;
}
