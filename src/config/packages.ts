// npm packages beside a configuration: the file that a name means in one, and the services that they list.
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { isJsonObject } from "../common/json.ts";
import { nearest } from "../common/nearest.ts";
import { foldersUp, readPackageJson } from "../common/package-json.ts";
import { didYouMean } from "./errors.ts";
import { type ListedServices, readTcsField } from "./tcs-field.ts";

/** A package that lists services in the `tcs` field of its package.json. */
export interface ServicePackage extends ListedServices {
  name: string;
  version?: string;
  /** Absolute path, links followed. */
  folder: string;
  /** The package that the configuration is a part of, not one that is installed. */
  own: boolean;
}

export type PackageAnswer =
  | { ok: true; path: string }
  /** `missing`: what was looked for and is not there, as it follows "there is". */
  | { ok: false; missing: string; hint?: string };

/** Packages as they are seen from a folder: its own, and those in node_modules there and above. */
export interface PackageFiles {
  /** The file that `name` means (`@obs/dome`, `@obs/dome/monitor`); undefined for what cannot be the name of a package. */
  resolve(name: string, folder: string): PackageAnswer | undefined;
  /** Those that list services: first the package that `folder` is in, then the installed ones by name. */
  withServices(folder: string): readonly ServicePackage[];
  /** The root of the package that `folder` is in. */
  rootOf(folder: string): string | undefined;
}

/** Those on disk; each folder is looked at once. */
export function diskPackages(): PackageFiles {
  const known = new Map<string, readonly ServicePackage[]>();
  return {
    resolve: resolvePackage,
    rootOf,
    withServices(folder) {
      let packages = known.get(folder);
      if (!packages) {
        packages = findServicePackages(folder);
        known.set(folder, packages);
      }
      return packages;
    },
  };
}

/** `@obs/dome` of `@obs/dome/monitor`. */
export function packageName(name: string): string | undefined {
  return /^(?:@[\w~-][\w.~-]*\/)?[A-Za-z0-9_~-][\w.~-]*(?=\/|$)/.exec(name)?.[0];
}

function resolvePackage(name: string, folder: string): PackageAnswer | undefined {
  const owner = packageName(name);
  if (owner === undefined) return undefined;
  const place = placeOf(owner, folder);
  if (place === undefined) {
    const hint = didYouMean(nearest(owner, installed(folder).keys()));
    const missing = `no package ${owner} in node_modules of ${folder} or above`;
    return { ok: false, missing, ...(hint !== undefined && { hint }) };
  }
  const path = resolveIn(name, folder, place);
  if (path !== undefined) return { ok: true, path };
  const paths = exportsOf(place);
  const asked = name === owner ? "." : `.${name.slice(owner.length)}`;
  const offered = paths.length > 0 ? `; its exports are ${paths.join(", ")}` : "";
  const hint = didYouMean(
    nearest(
      asked,
      paths.filter((path) => path !== "."),
    )?.replace(/^\./, owner),
  );
  return { ok: false, missing: `no ${asked} in the package ${place}${offered}`, ...(hint !== undefined && { hint }) };
}

/**
 * Asked only about what is there: the resolver never forgets that it has not found a package, and a launcher outlives
 * an installation.
 */
function resolveIn(name: string, folder: string, place: string): string | undefined {
  for (const from of [folder, place]) {
    try {
      const path = realpathSync(Bun.resolveSync(name, from));
      // Somebody else's of the same name: paths of a tsconfig, a cache of downloads.
      if (isWithin(path, place)) return path;
    } catch {
      // Not found from here.
    }
  }
  return undefined;
}

/** Where a package is, links followed: its own folder may be a part of it. */
function placeOf(name: string, folder: string): string | undefined {
  const root = rootOf(folder);
  if (root !== undefined && readPackageJson(root)?.name === name) return realpathSync(root);
  for (const modules of nodeModules(folder)) {
    const place = join(modules, name);
    if (existsSync(join(place, "package.json"))) return realpathSync(place);
  }
  return undefined;
}

function rootOf(folder: string): string | undefined {
  return foldersUp(folder).find((at) => existsSync(join(at, "package.json")));
}

function findServicePackages(folder: string): ServicePackage[] {
  const root = rootOf(folder);
  const own = root === undefined ? undefined : asServicePackage(realpathSync(root), true);
  const found: ServicePackage[] = [];
  for (const place of installed(folder).values()) {
    const one = asServicePackage(place, false);
    if (one && one.folder !== own?.folder) found.push(one);
  }
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  return own ? [own, ...found] : found;
}

function asServicePackage(folder: string, own: boolean): ServicePackage | undefined {
  const about = readPackageJson(folder);
  if (!about || !("tcs" in about)) return undefined;
  const { name, version } = about;
  return {
    name: typeof name === "string" ? name : folder,
    ...(typeof version === "string" && { version }),
    folder,
    own,
    ...readTcsField(about.tcs, folder),
  };
}

/** Folders of all packages installed for `folder`, links followed; the nearest of each name. */
function installed(folder: string): Map<string, string> {
  const places = new Map<string, string>();
  for (const modules of nodeModules(folder)) {
    for (const name of namesIn(modules)) {
      const names = name.startsWith("@") ? namesIn(join(modules, name)).map((inner) => `${name}/${inner}`) : [name];
      for (const one of names) {
        const place = join(modules, one);
        if (!places.has(one) && existsSync(join(place, "package.json"))) places.set(one, realpathSync(place));
      }
    }
  }
  return places;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith("."));
  } catch {
    // Most folders have none.
    return [];
  }
}

function exportsOf(folder: string): string[] {
  const exports = readPackageJson(folder)?.exports;
  if (!isJsonObject(exports)) return exports === undefined ? [] : ["."];
  const paths = Object.keys(exports).filter((key) => key.startsWith("."));
  return paths.length > 0 ? paths : ["."];
}

function nodeModules(folder: string): string[] {
  return foldersUp(folder).map((at) => join(at, "node_modules"));
}

function isWithin(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  return !inside.startsWith("..") && !isAbsolute(inside);
}
