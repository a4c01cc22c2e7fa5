// What a fleet was last told by sources that may be away (NATS), kept on disk for a start without them. Files, environment
// and command line are not kept: they are at hand, and are read anew.
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describeError } from "../common/errors.ts";
import { fleetKey } from "../common/fleet-key.ts";
import type { Json } from "../common/json.ts";
import { ensureStateFolder } from "../common/paths.ts";
import { writeToDisk } from "../common/to-disk.ts";

/** What was kept. */
export interface LastGood {
  /** As it was given to `saveLastGood`: whoever reads it checks what it is. */
  overlay: unknown;
  /** When it was kept, milliseconds since the epoch. */
  savedAt: number;
}

export type LastGoodResult =
  | ({ found: true } & LastGood)
  /** `fault`: there is one that cannot be used, and why; without it there is none. */
  | { found: false; fault?: string };

/**
 * Keeps `overlay`, all that remote sources say of a fleet, once a configuration with it was found good. It may hold secrets, which
 * nobody else could give at a start without the broker: only this user can read the file, and there is one of it.
 * @param file the configuration file, which names the fleet
 * @throws StateFolderError, or Error of the file system; then what was kept before is there as it was
 */
export function saveLastGood(file: string, overlay: Json, now = Date.now()): void {
  const record = { version: 1, saved_at: new Date(now).toISOString(), config_file: file, overlay };
  writeToDisk(pathOf(file), `${JSON.stringify(record)}\n`);
}

/** What was last kept of a fleet. Never throws. */
export function loadLastGood(file: string): LastGoodResult {
  try {
    const path = pathOf(file);
    const { mode, uid } = statSync(path);
    if ((mode & 0o077) !== 0 || uid !== process.getuid?.()) {
      return { found: false, fault: `${path} is not used: others may read or have written it (chmod 600)` };
    }
    const record: unknown = JSON.parse(readFileSync(path, "utf8"));
    const { version, saved_at: at, overlay } = Object(record);
    const savedAt = typeof at === "string" ? Date.parse(at) : Number.NaN;
    if (version !== 1 || Number.isNaN(savedAt) || overlay === undefined) {
      return { found: false, fault: `${path} is not used: it is damaged, or of another version` };
    }
    return { found: true, overlay, savedAt };
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return isMissing
      ? { found: false }
      : { found: false, fault: `what was kept cannot be read: ${describeError(error)}` };
  }
}

/** Forgets what was kept: there is nothing of the kind any more. */
export function forgetLastGood(file: string): void {
  rmSync(pathOf(file), { force: true });
}

/** `the broker is away: its values count as they were kept at 2026-11-21 04:00:00 UTC (12 min ago)`. @param why why they are needed */
export function lastGoodWords(why: string, { savedAt }: LastGood, now = Date.now()): string {
  const stamp = new Date(savedAt).toISOString().slice(0, 19).replace("T", " ");
  return `${why}: its values count as they were kept at ${stamp} UTC (${ago(now - savedAt)})`;
}

function ago(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (ms < 0) return "by a clock that is ahead of this one";
  if (minutes < 1) return "just now";
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}

function pathOf(file: string): string {
  return join(ensureStateFolder("launchers"), `${fleetKey(file)}.last-good.json`);
}
