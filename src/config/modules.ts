// Which file, package or built-in class a service comes from.
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { nearest } from "../common/nearest.ts";
import { didYouMean } from "./errors.ts";
import { extensionOf, type ModuleFiles, SERVICE_EXTENSIONS } from "./module-files.ts";
import type { ServicePackage } from "./packages.ts";
import type { ModuleRef } from "./types.ts";

export type Resolution =
  | { ok: true; module: ModuleRef }
  | { ok: false; given: string; expected: string; hint?: string };

/** What `registry:` says of a type. */
export interface RegistryEntry {
  /** null: the service in the binary. */
  module: string | null;
  /** Absolute path of the folder of the file that says it. */
  folder: string;
}

/** For one configuration, which may be of several files: each names its modules from its own folder. */
export class ModuleResolver {
  readonly #folder: string;
  readonly #builtins: ReadonlySet<string>;
  readonly #registry: ReadonlyMap<string, RegistryEntry>;
  readonly #files: ModuleFiles;
  readonly #byType = new Map<string, Resolution>();

  /** @param folder absolute path of the configuration's (first) folder */
  constructor(
    folder: string,
    builtins: ReadonlySet<string>,
    registry: ReadonlyMap<string, RegistryEntry>,
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

  /**
   * The module of a row that names only its type: the registry's, a file beside the configuration, one that the package
   * around it lists, the built-in service, one that an installed package lists.
   * @param from absolute path of the folder of the row's file
   */
  ofType(type: string, from = this.#folder): Resolution {
    const key = `${from}\0${type}`;
    let known = this.#byType.get(key);
    if (!known) {
      known = this.#resolveType(type, from);
      this.#byType.set(key, known);
    }
    return known;
  }

  /**
   * The module that `module:` or a registry entry names: a file, the older kind of built-in, a package.
   * @param type of the row, if it says: a package may have several
   */
  named(name: string, from = this.#folder, type?: string): Resolution {
    if (namesPath(name)) return this.#firstFile([resolve(from, atHome(name))], name);
    const builtin = legacyBuiltin(name);
    if (builtin !== undefined) return this.#builtinOrBeside(builtin, from);
    const found = this.#firstFile(this.#basesOf(name, from), name);
    if (found.ok || isBroken(found, name)) return found;
    // A bare name such as `hello_world` may also mean the built-in service.
    if (this.#builtins.has(name)) return this.#builtin(name);
    return this.#inPackage(name, from, type) ?? found;
  }

  #resolveType(type: string, from: string): Resolution {
    const registered = this.#registry.get(type);
    if (registered?.module === null) return this.#builtinOrBeside(type, from);
    if (registered) return this.named(registered.module, registered.folder, type);
    const found = this.#beside(type, from);
    if (found.ok || isBroken(found, type)) return found;
    return this.#listed(type, from) ?? (this.#builtins.has(type) ? this.#builtin(type) : this.#unknownType(type, from));
  }

  /** A service that a package lists. What is installed never stands in for what is in the binary: only one's own package does. */
  #listed(type: string, from: string): Resolution | undefined {
    const own = this.#packages(from).find((one) => one.own && one.services.has(type));
    if (own) return this.#fileOf(own, type);
    if (this.#builtins.has(type)) return undefined;
    const [first, ...others] = this.#packages(from).filter((one) => one.services.has(type));
    if (!first || others.length === 0) return first && this.#fileOf(first, type);
    const names = [first, ...others].map(({ name }) => name);
    return {
      ok: false,
      given: `${JSON.stringify(type)}, which ${names.join(" and ")} have`,
      expected: "the package too",
      hint: `module: ${JSON.stringify(first.name)}`,
    };
  }

  #fileOf({ name, services }: ServicePackage, type: string): Resolution {
    const path = services.get(type) ?? "";
    const found = this.#firstFile([path], path);
    if (found.ok || isBroken(found, path)) return found;
    const expected = `a file that is there; ${name} lists ${path} for it in package.json`;
    return { ok: false, given: JSON.stringify(type), expected };
  }

  #packages(from: string): readonly ServicePackage[] {
    return this.#files.packages?.withServices(from) ?? [];
  }

  #unknownType(type: string, from: string): Resolution {
    const listed = this.#packages(from).flatMap(({ services }) => [...services.keys()]);
    const near = didYouMean(nearest(type, [...this.#builtins, ...this.#registry.keys(), ...listed]));
    return {
      ok: false,
      given: JSON.stringify(type),
      expected: `a built-in service, an entry in registry, a module, or a file ${basename(type)}.ts beside the configuration`,
      hint: near ?? `\`tcs new service ${type}\` writes one`,
    };
  }

  #beside(type: string, from: string): Resolution {
    const names = [type, ...(type.includes(".") ? [join(...type.split("."))] : [])];
    const folders = [...new Set([from, this.#folder])];
    const paths = folders.flatMap((folder) =>
      names.flatMap((base) => [join(folder, base), join(folder, "services", base)]),
    );
    return this.#firstFile(paths, type);
  }

  /** What was inside the Python package: here it is in the binary, or rewritten beside the configuration. */
  #builtinOrBeside(type: string, from: string): Resolution {
    const builtin = this.#builtin(type);
    if (builtin.ok) return builtin;
    const beside = this.#beside(type, from);
    if (beside.ok || isBroken(beside, type)) return beside;
    const file = `${type.replaceAll(".", "/")}.ts`;
    return { ...builtin, expected: `${builtin.expected}, or a file ${file} beside the configuration` };
  }

  #inPackage(name: string, from: string, type: string | undefined): Resolution | undefined {
    const whole = type === undefined ? undefined : this.#packages(from).find((one) => one.name === name);
    if (whole && type !== undefined && whole.services.has(type)) return this.#fileOf(whole, type);
    const answer = this.#files.packages?.resolve(name, from);
    if (!answer) return undefined;
    if (answer.ok) return this.#firstFile([answer.path], answer.path);
    // Dots are those of folders: nobody means a package.
    if (!name.includes("/") && name.includes(".")) return undefined;
    const { missing, hint } = answer;
    const expected = `an existing module; there is no ${nameOfFile(join(from, name))}, and ${missing}`;
    return { ok: false, given: JSON.stringify(name), expected, ...(hint !== undefined && { hint }) };
  }

  /** Where a name may be, that is no path: of dotted names each part may be a folder, as in the Python framework. */
  #basesOf(name: string, from: string): string[] {
    if (namesFile(name)) return [join(from, name)];
    const inFolders = join(...name.split("."));
    const own = this.#files.packages?.rootOf(from);
    // Older projects have their configuration in a folder of this name, beside their packages.
    const above = basename(from) === "config" ? [dirname(from)] : [];
    const folders = new Set([from, this.#folder, ...(own === undefined ? [] : [own]), ...above]);
    return [...folders].flatMap((folder) => [
      join(folder, name),
      join(folder, inFolders),
      join(folder, "services", name),
      join(folder, "services", inFolders),
    ]);
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
    const near = nearest(basename(nameOfFile(base)), this.#files.namesIn?.(dirname(base)) ?? []);
    const hint = near === undefined ? undefined : didYouMean(join(dirname(base), near));
    return {
      ok: false,
      given: JSON.stringify(name),
      expected: `an existing module; there is no ${nameOfFile(base)}`,
      ...(hint !== undefined && { hint }),
    };
  }
}

/** There is a file, and something is wrong with it. */
function isBroken(found: Resolution, name: string): boolean {
  return !found.ok && found.given !== JSON.stringify(name);
}

function nameOfFile(base: string): string {
  return extensionOf(base) ? base : `${base}.ts`;
}

/** It can be nothing but a path: of a package the name would begin otherwise. */
function namesPath(name: string): boolean {
  return isAbsolute(name) || /^(?:\.{1,2}|~)(?:[/\\]|$)/.test(name);
}

function atHome(path: string): string {
  return path.startsWith("~") ? join(homedir(), path.slice(1)) : path;
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
