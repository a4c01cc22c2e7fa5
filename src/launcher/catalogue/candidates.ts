// Where services may come from, seen from a folder or a configuration: found by their places, not loaded yet.
import { existsSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { configFolder } from "../../config/config-files.ts";
import type { Env } from "../../config/expand.ts";
import { diskModules } from "../../config/module-files.ts";
import { ModuleResolver, type RegistryEntry, typeOfModule } from "../../config/modules.ts";
import { openFleetFiles } from "../../config/open-files.ts";
import type { ServicePackage } from "../../config/packages.ts";
import { sourceFolder } from "../../config/source-tree.ts";
import type { ModuleRef } from "../../config/types.ts";
import { serviceFilesBeside } from "./service-files.ts";

/** Where a service is known from. */
export type Origin =
  | { kind: "builtin" }
  | { kind: "folder"; folder: string }
  | { kind: "configuration"; file: string }
  | { kind: "package"; name: string; version?: string; folder: string; own: boolean };

export interface Candidate {
  /** By its name; what is in the file may be called otherwise, if `open`. */
  type: string;
  origin: Origin;
  /** The file, or why there is none. */
  module: ModuleRef | { kind: "none"; fault: string };
  open: boolean;
}

export interface CatalogueOptions {
  /** The configuration, as the user named it; absent: there is none. */
  config?: string;
  env: Env;
  /** The services in this program: what they are for, by type. */
  builtins: ReadonlyMap<string, string>;
}

export interface Candidates {
  found: Candidate[];
  resolver: ModuleResolver;
  /** What is wrong beside the services themselves, one sentence each. */
  faults: string[];
}

/** @throws ConfigError when the configuration cannot be read at all */
export async function findCandidates({ config, env, builtins }: CatalogueOptions): Promise<Candidates> {
  const folder = config === undefined ? process.cwd() : configFolder(config);
  const configuration = config === undefined ? NO_CONFIGURATION : await readConfiguration(config, env);
  const files = diskModules();
  const resolver = new ModuleResolver(folder, new Set(builtins.keys()), configuration.registry, files);
  const packages = files.packages?.withServices(folder) ?? [];
  const found: Candidate[] = [
    ...inFolder(folder),
    ...inRegistry(configuration, resolver),
    ...packages.filter(({ own }) => own).flatMap(inPackage),
    ...[...builtins.keys()].map(
      (type): Candidate => ({ type, origin: { kind: "builtin" }, module: { kind: "builtin", type }, open: false }),
    ),
    ...packages.filter(({ own }) => !own).flatMap(inPackage),
    // Only what is not known by then.
    ...inRows(configuration, resolver),
  ];
  const faults = packages.flatMap((one) => one.faults.map((fault) => `${join(one.folder, "package.json")}: ${fault}`));
  return { found: withoutRepeated(found), resolver, faults };
}

interface Configuration {
  /** As the user named it. */
  config: string;
  registry: ReadonlyMap<string, RegistryEntry>;
  /** What rows name in `module:`, and from which folder. */
  modules: { name: string; folder: string; type?: string }[];
}

const NO_CONFIGURATION: Configuration = { config: "", registry: new Map(), modules: [] };

async function readConfiguration(config: string, env: Env): Promise<Configuration> {
  const { checker, file } = await openFleetFiles([config], env, []);
  const modules: Configuration["modules"] = [];
  for (const row of file.blocks.flatMap(({ rows }) => rows)) {
    if (row.kind !== "map") continue;
    const text = (key: string) => {
      const value = row.entries.get(key)?.value;
      return value?.kind === "scalar" && value.value !== null ? checker.expand(value, key)?.text : undefined;
    };
    const [name, type] = [text("module"), text("type")];
    const folder = sourceFolder(row.source) ?? configFolder(config);
    if (name !== undefined) modules.push({ name, folder, ...(type !== undefined && { type }) });
  }
  return { config, registry: file.registry, modules };
}

/** What the configuration names in its registry. */
function inRegistry({ config, registry }: Configuration, resolver: ModuleResolver): Candidate[] {
  const types = [...registry].filter(([, { module }]) => module !== null);
  return types.map(([type]) => {
    return { type, origin: originOf(config), module: moduleOf(resolver.ofType(type)), open: false };
  });
}

/** What it names in its rows. */
function inRows({ config, modules }: Configuration, resolver: ModuleResolver): Candidate[] {
  return modules.map(({ name, folder, type }) => ({
    type: type ?? typeOfModule(name),
    origin: originOf(config),
    module: moduleOf(resolver.named(name, folder, type)),
    open: false,
  }));
}

function originOf(file: string): Origin {
  return { kind: "configuration", file };
}

function moduleOf(resolution: ReturnType<ModuleResolver["ofType"]>): Candidate["module"] {
  if (resolution.ok) return resolution.module;
  const { given, expected, hint } = resolution;
  return { kind: "none", fault: `${given}: expected ${expected}${hint === undefined ? "" : ` (${hint})`}` };
}

function inPackage({ name, version, folder, own, services }: ServicePackage): Candidate[] {
  const origin: Origin = { kind: "package", name, folder, own, ...(version !== undefined && { version }) };
  return [...services].map(([type, path]): Candidate => {
    const isThere = existsSync(path);
    const module: Candidate["module"] = isThere
      ? { kind: "file", path }
      : { kind: "none", fault: `${join(folder, "package.json")} lists ${path}, which is not there` };
    return { type, origin, module, open: false };
  });
}

function inFolder(folder: string): Candidate[] {
  return serviceFilesBeside(folder).map((path): Candidate => {
    const type = basename(path, extname(path));
    return { type, origin: { kind: "folder", folder: dirname(path) }, module: { kind: "file", path }, open: true };
  });
}

/** A file that is known from several places is told from the first, by each of its names. */
function withoutRepeated(found: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return found.filter(({ type, module }) => {
    const key = `${type} ${module.kind === "file" ? module.path : JSON.stringify(module)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
