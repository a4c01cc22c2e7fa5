// Which file or built-in class a service comes from.
import { readFileSync, statSync } from "node:fs";
import { basename, extname, isAbsolute, join, resolve } from "node:path";
import { describeError } from "../common/errors.ts";
import { nearest } from "../common/nearest.ts";
import { didYouMean } from "./errors.ts";
import type { ModuleRef } from "./types.ts";

/** File kinds a service may be written in, in the order they are looked for. */
export const SERVICE_EXTENSIONS = [".ts", ".tsx", ".mts", ".js", ".mjs"] as const;
type Extension = (typeof SERVICE_EXTENSIONS)[number];

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
}

export type Resolution =
  | { ok: true; module: ModuleRef }
  | { ok: false; given: string; expected: string; hint?: string };

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
  };
}

/** Resolves the modules of one configuration: explicit `module:`, then `registry:`, then a file beside it, then the built-in services. */
export class ModuleResolver {
  readonly #folder: string;
  readonly #builtins: ReadonlySet<string>;
  readonly #registry: ReadonlyMap<string, string | null>;
  readonly #files: ModuleFiles;
  readonly #byType = new Map<string, Resolution>();

  /** @param folder absolute path of the configuration file's folder */
  constructor(
    folder: string,
    builtins: ReadonlySet<string>,
    registry: ReadonlyMap<string, string | null>,
    files: ModuleFiles,
  ) {
    this.#folder = folder;
    this.#builtins = builtins;
    this.#registry = registry;
    this.#files = files;
  }

  /** Whether `type` needs no file: it is built in or in the registry. */
  knowsType(type: string): boolean {
    return this.#builtins.has(type) || this.#registry.has(type);
  }

  /** The module of a row that names only its type. */
  ofType(type: string): Resolution {
    let known = this.#byType.get(type);
    if (!known) {
      known = this.#resolveType(type);
      this.#byType.set(type, known);
    }
    return known;
  }

  /** The module that `module:` or a registry entry names. */
  named(name: string): Resolution {
    if (namesFile(name)) return this.#firstFile([resolve(this.#folder, name)], name);
    const builtin = legacyBuiltin(name);
    if (builtin !== undefined) return this.#builtinOrBeside(builtin);
    const found = this.#firstFile([join(this.#folder, name), join(this.#folder, ...name.split("."))], name);
    // A bare name such as `hello_world` may also mean the built-in service.
    return !found.ok && this.#builtins.has(name) ? this.#builtin(name) : found;
  }

  #resolveType(type: string): Resolution {
    const registered = this.#registry.get(type);
    if (registered === null) return this.#builtinOrBeside(type);
    if (registered !== undefined) return this.named(registered);
    const found = this.#beside(type);
    if (found.ok || this.#builtins.has(type)) return found.ok ? found : this.#builtin(type);
    if (found.given !== JSON.stringify(type)) return found;
    const near = didYouMean(nearest(type, [...this.#builtins, ...this.#registry.keys()]));
    return {
      ok: false,
      given: JSON.stringify(type),
      expected: `a built-in service, an entry in registry, a module, or a file ${basename(type)}.ts beside the configuration`,
      hint: near ?? `\`tcs new service ${type}\` writes one`,
    };
  }

  #beside(type: string): Resolution {
    const bases = [type, ...(type.includes(".") ? [join(...type.split("."))] : [])];
    const paths = bases.flatMap((base) => [join(this.#folder, base), join(this.#folder, "services", base)]);
    return this.#firstFile(paths, type);
  }

  /** What was inside the Python package: here it is in the binary, or rewritten beside the configuration. */
  #builtinOrBeside(type: string): Resolution {
    const builtin = this.#builtin(type);
    if (builtin.ok) return builtin;
    const beside = this.#beside(type);
    // A file that is there and does not parse is told as such.
    if (beside.ok || beside.given !== JSON.stringify(type)) return beside;
    const file = `${type.replaceAll(".", "/")}.ts`;
    return { ...builtin, expected: `${builtin.expected}, or a file ${file} beside the configuration` };
  }

  #builtin(type: string): Resolution {
    if (this.#builtins.has(type)) return { ok: true, module: { kind: "builtin", type } };
    const hint = didYouMean(nearest(type, this.#builtins));
    return {
      ok: false,
      given: JSON.stringify(type),
      expected: `a built-in service (${[...this.#builtins].join(", ")})`,
      ...(hint !== undefined && { hint }),
    };
  }

  #firstFile(bases: string[], name: string): Resolution {
    for (const path of bases.flatMap(candidates)) {
      if (!this.#files.isFile(path)) continue;
      const fault = this.#files.syntaxFault(path);
      if (fault === undefined) return { ok: true, module: { kind: "file", path } };
      return {
        ok: false,
        given: `a module that does not parse (${fault})`,
        expected: "a TypeScript or JavaScript module",
      };
    }
    const [base = name] = bases;
    return {
      ok: false,
      given: JSON.stringify(name),
      expected: `an existing module; there is no ${extensionOf(base) ? base : `${base}.ts`}`,
    };
  }
}

/** The service type a module name stands for: its last dotted part or its file's stem; the built-in's own type if it is one. */
export function typeOfModule(name: string): string {
  if (!namesFile(name)) return legacyBuiltin(name) ?? name.slice(name.lastIndexOf(".") + 1);
  return basename(name, extensionOf(name));
}

/** Whether `name` is a path rather than a dotted name: it has a slash or a known extension. */
export function namesFile(name: string): boolean {
  return isAbsolute(name) || name.includes("/") || name.includes("\\") || extensionOf(name) !== undefined;
}

function extensionOf(path: string): Extension | undefined {
  const extension = extname(path);
  return SERVICE_EXTENSIONS.find((known) => known === extension);
}

/** `ocabox_tcs.services.examples.01_minimal` is `examples.minimal`; undefined for modules of other packages. */
function legacyBuiltin(name: string): string | undefined {
  const type = /^ocabox_tcs\.services\.(.+)$/.exec(name)?.[1];
  return type?.replace(/(^|\.)\d+_([^.]+)$/, "$1$2");
}

function candidates(path: string): string[] {
  if (extensionOf(path)) return [path];
  return [
    ...SERVICE_EXTENSIONS.map((extension) => path + extension),
    ...SERVICE_EXTENSIONS.map((extension) => join(path, `index${extension}`)),
  ];
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
