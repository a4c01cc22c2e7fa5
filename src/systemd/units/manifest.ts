// What was written where, and for which configuration: kept beside the units, so that exactly that can be removed again.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describeError, InternalError, TcsError } from "../../common/errors.ts";

/** One configuration, or a part of it, as it was installed. */
export interface Installed {
  /** Absolute path of the configuration file. */
  file: string;
  launcher?: string;
  each: boolean;
  runAs: string;
  program: [string, ...string[]];
  properties: string[];
  units: string[];
  /** Of its unit files, those that it shares with others included. */
  paths: string[];
}

export interface Manifest {
  version: 1;
  /** Hash of each file as it was written, by path. */
  files: Record<string, string>;
  configurations: Installed[];
}

/**
 * What tells which units were written cannot be read.
 * @cause The file in which tcs notes the units that it wrote cannot be read.
 * @remedy Use the version of tcs that wrote it; if nothing else helps remove the file, and the units by hand.
 * @example /etc/systemd/system/tcs-systemd.json does not tell what was written: version 2, expected 1
 */
export class ManifestError extends TcsError {
  override readonly code = "E_UNIT_MANIFEST";
}

export function manifestPath(unitFolder: string): string {
  return join(unitFolder, "tcs-systemd.json");
}

/** An empty one when there is none. @throws ManifestError when it cannot be read */
export function readManifest(unitFolder: string): Manifest {
  const path = manifestPath(unitFolder);
  if (!existsSync(path)) return { version: 1, files: {}, configurations: [] };
  try {
    // Only this program writes it, to a folder that is root's or the user's own.
    const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
    if (manifest.version === 1) return manifest;
    throw new InternalError(`version ${String(manifest.version)}, expected 1`);
  } catch (cause) {
    throw new ManifestError(`${path} does not tell what was written: ${describeError(cause)}`, {
      cause,
      hint: "it may be of another version of tcs; if nothing else helps remove it, and the units by hand",
    });
  }
}

export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The same configuration, and the same part of it. */
export function isSame(
  one: Pick<Installed, "file" | "launcher">,
  other: Pick<Installed, "file" | "launcher">,
): boolean {
  return one.file === other.file && one.launcher === other.launcher;
}

/** How a unit file is: as written, changed since by somebody else, gone, or there and never ours. */
export type FileState = "ours" | "changed" | "missing" | "foreign";

export function stateOf(path: string, manifest: Manifest): FileState {
  const hash = manifest.files[path];
  if (!existsSync(path)) return "missing";
  if (hash === undefined) return "foreign";
  return hashOf(readFileSync(path, "utf8")) === hash ? "ours" : "changed";
}
