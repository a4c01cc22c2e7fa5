// Puts a version in place, goes back to the one before, or takes everything away: one at a time for a prefix.
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { TcsError } from "../common/errors.ts";
import { takeLockFile } from "../common/lock-file.ts";
import { InstallError, onDisk } from "./errors.ts";
import { EXTRA_NAMES, EXTRAS, type ExtraTexts, type Layout } from "./layout.ts";
import { type Manifest, readManifest, writeManifest } from "./manifest.ts";
import { makeFolder, scratchFor, writeWhole } from "./place.ts";
import { processesOf } from "./processes.ts";
import {
  currentVersion,
  previousVersion,
  prune,
  store,
  storedExtras,
  switchTo,
  versionsIn,
  withCurrent,
} from "./versions.ts";

/** What is to be installed. */
export interface Package {
  /** Folder of its version: see `versionName`. */
  version: string;
  executable: string;
  extras: ExtraTexts;
}

export interface Switched {
  version: string;
  /** The version that was current before. */
  before: string | undefined;
  /** Versions that were removed. */
  pruned: string[];
}

/** Does something to a prefix while nobody else does. @throws InstallError when somebody else does */
export async function withPrefix<T>(layout: Layout, action: () => Promise<T>): Promise<T> {
  const made = makeFolder(layout.home);
  const lock = onDisk(`take the lock ${layout.lock}`, () => takeLockFile(layout.lock));
  if (!lock.ok) {
    const who = lock.owner ? ` (pid ${lock.owner.pid})` : "";
    throw new InstallError(`another tcs install is at work in ${layout.prefix}${who}`, { hint: "wait for its end" });
  }
  try {
    if (made.length > 0) remember(layout, { folders: made });
    return await action();
  } finally {
    lock.release();
    // Nothing came of it: no empty folders are left.
    if (made.length > 0 && !isInstalled(layout)) {
      rmSync(layout.manifest, { force: true });
      removeEmpty(made);
    }
  }
}

/** Files that would be replaced though tcs has not written them. */
export function foreignFiles(layout: Layout, { extras }: Pick<Package, "extras">): string[] {
  const { files } = readManifest(layout);
  return [layout.link, ...Object.values(EXTRAS).map((path) => join(layout.prefix, path))].filter((path) => {
    if (path in files || !lstatSync(path, { throwIfNoEntry: false })) return false;
    const extra = placesOf(layout, extras)[path];
    return extra === undefined ? currentVersion(layout) === undefined : hashFile(path) !== hashText(extra);
  });
}

/**
 * Puts a version in place. Until its last step, a rename, the version before is current and whole; whatever ends this in
 * between, another run completes it.
 * @throws InstallError
 */
export function install(layout: Layout, { version, executable, extras }: Package): Switched {
  const before = currentVersion(layout);
  announce(layout, extras);
  store(layout, version, executable, extras);
  switchTo(layout, version);
  placeExtras(layout, extras);
  return finish(layout, version, before);
}

/** The version that a rollback would make current. @throws InstallError when there is none */
export function versionBefore(layout: Layout): string {
  const version = previousVersion(layout, readManifest(layout));
  if (version !== undefined) return version;
  const current = currentVersion(layout);
  throw new InstallError(`there is no version in ${layout.home} to go back to`, {
    hint: current === undefined ? "nothing is installed there" : `${current} is the only one`,
  });
}

/** Makes the version before current again. @throws InstallError when there is none */
export function rollBack(layout: Layout): Switched {
  const before = currentVersion(layout);
  const version = versionBefore(layout);
  const extras = storedExtras(layout, version);
  announce(layout, extras);
  switchTo(layout, version);
  placeExtras(layout, extras);
  return finish(layout, version, before);
}

/** What is going to be on disk is in the manifest first. */
function announce(layout: Layout, extras: ExtraTexts): void {
  const texts = placesOf(layout, extras);
  remember(layout, {
    folders: [layout.link, ...Object.keys(texts)].flatMap((path) => makeFolder(dirname(path))),
    files: { [layout.link]: "", ...mapValues(texts, hashText) },
  });
}

function placeExtras(layout: Layout, extras: ExtraTexts): void {
  for (const [path, text] of Object.entries(placesOf(layout, extras))) writeWhole(path, text);
}

/** Texts by the paths where they belong. */
function placesOf({ prefix }: Layout, extras: ExtraTexts): Record<string, string> {
  return Object.fromEntries(EXTRA_NAMES.map((name) => [join(prefix, EXTRAS[name]), extras[name]]));
}

function mapValues(record: Record<string, string>, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

/** Removes what was written. @returns files that were changed since, and stay */
export function uninstall(layout: Layout): string[] {
  if (!isInstalled(layout))
    throw new InstallError(`nothing is installed in ${layout.prefix}`, { hint: "--prefix names another folder" });
  const { files, folders } = readManifest(layout);
  const changed: string[] = [];
  onDisk(`remove tcs from ${layout.prefix}`, () => {
    for (const [path, hash] of Object.entries(files)) {
      rmSync(scratchFor(path), { force: true });
      if (!lstatSync(path, { throwIfNoEntry: false })) continue;
      const isOurs = path === layout.link ? currentVersion(layout) !== undefined : hashFile(path) === hash;
      if (isOurs) rmSync(path);
      else changed.push(path);
    }
    for (const version of versionsIn(layout)) rmSync(join(layout.home, version), { recursive: true, force: true });
    rmSync(layout.manifest);
    // And what was left by one that was killed while it took the lock.
    const locks = readdirSync(layout.home).filter((name) => name === "lock" || name.startsWith("lock."));
    for (const name of locks) rmSync(join(layout.home, name), { force: true });
    removeEmpty(folders);
  });
  return changed;
}

function finish(layout: Layout, version: string, before: string | undefined): Switched {
  const { history } = readManifest(layout);
  const manifest = remember(layout, { history: withCurrent(history, version) });
  const inUse = new Set(processesOf(layout).map((running) => running.version));
  return { version, before, pruned: prune(layout, manifest, inUse) };
}

function isInstalled(layout: Layout): boolean {
  return Object.keys(readManifest(layout).files).length > 0;
}

/** Adds to the manifest. @returns all of it */
function remember(layout: Layout, { files = {}, folders = [], history }: Partial<Manifest>): Manifest {
  const known = readManifest(layout);
  const manifest: Manifest = {
    format: 1,
    files: { ...known.files, ...files },
    folders: [...new Set([...known.folders, ...folders])],
    history: history ?? known.history,
  };
  writeManifest(layout, manifest);
  return manifest;
}

function removeEmpty(folders: readonly string[]): void {
  for (const folder of folders.toReversed()) {
    if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
  }
}

function hashFile(path: string): string | undefined {
  try {
    return hashText(readFileSync(path));
  } catch (error) {
    // A folder, say: certainly not what we wrote.
    if (error instanceof TcsError) throw error;
    return undefined;
  }
}

function hashText(text: string | Buffer): string {
  return createHash("sha256").update(text).digest("hex");
}
