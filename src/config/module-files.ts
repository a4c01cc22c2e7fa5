// Files that services may be written in: whether they are there, and whether they parse.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname } from "node:path";
import { describeError } from "../common/errors.ts";
import { diskPackages, type PackageFiles } from "./packages.ts";

/** File kinds a service may be written in, in the order they are looked for. */
export const SERVICE_EXTENSIONS = [".ts", ".tsx", ".mts", ".js", ".mjs"] as const;
export type Extension = (typeof SERVICE_EXTENSIONS)[number];

const LOADERS: Record<Extension, "ts" | "tsx" | "js" | "jsx"> = {
  ".ts": "ts",
  ".mts": "ts",
  ".tsx": "tsx",
  // Bun reads JSX in plain JavaScript files.
  ".js": "jsx",
  ".mjs": "js",
};

/** What module resolution needs to know about files. Answers are kept: a file is looked at once, however many rows use it. */
export interface ModuleFiles {
  isFile(path: string): boolean;
  /** What is wrong with the text of a module, with its line and column; undefined if it parses. */
  syntaxFault(path: string): string | undefined;
  /** Names in a folder, to tell which one may have been meant. */
  namesIn?(folder: string): readonly string[];
  /** Absent: there are no packages. */
  packages?: PackageFiles;
}

/** The real file system, each file looked at once. */
export function diskModules(): ModuleFiles {
  const present = new Map<string, boolean>();
  const faults = new Map<string, string | undefined>();
  return {
    isFile(path) {
      let known = present.get(path);
      if (known === undefined) {
        known = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
        present.set(path, known);
      }
      return known;
    },
    syntaxFault(path) {
      if (!faults.has(path)) faults.set(path, scanModule(path));
      return faults.get(path);
    },
    namesIn(folder) {
      try {
        return readdirSync(folder);
      } catch {
        // There is no such folder: nothing in it was meant.
        return [];
      }
    },
    packages: diskPackages(),
  };
}

export function extensionOf(path: string): Extension | undefined {
  const extension = extname(path);
  return SERVICE_EXTENSIONS.find((known) => known === extension);
}

/** What is wrong with the text of a module, with its place; undefined if it parses. Looks at the file each time. */
export function scanModule(path: string): string | undefined {
  const extension = extensionOf(path);
  if (!extension) return `${path}: not one of ${SERVICE_EXTENSIONS.join(", ")}`;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return describeError(error);
  }
  try {
    new Bun.Transpiler({ loader: LOADERS[extension] }).scan(text);
    return undefined;
  } catch (error) {
    const first = error instanceof AggregateError ? error.errors[0] : error;
    if (!(first instanceof BuildMessage)) return `${path}: ${describeError(first)}`;
    const place = first.position ? `:${first.position.line}:${first.position.column}` : "";
    return `${path}${place}: ${first.message}`;
  }
}
