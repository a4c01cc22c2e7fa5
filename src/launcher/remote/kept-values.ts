// The values of NATS that were in use last, on disk: for a start while the broker is away.
import { describeError } from "../../common/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../common/json.ts";
import { forgetLastGood, loadLastGood, saveLastGood } from "../../config/last-good.ts";
import type { ConfigOverlay, OverlayEntry, Scope } from "../../config/overlay.ts";
import type { RemoteOrigin } from "../../config/types.ts";

export interface Kept {
  overlay: ConfigOverlay;
  /** When, milliseconds since the epoch. */
  savedAt: number;
}

/** What was kept for the fleet of a file; `fault`: there is something that cannot be used, and why. */
export function loadKept(file: string): { kept?: Kept; fault?: string } {
  const loaded = loadLastGood(file);
  if (!loaded.found) return loaded.fault === undefined ? {} : { fault: loaded.fault };
  const overlay = isJsonObject(loaded.overlay) ? loaded.overlay : {};
  const [over, under] = [entriesOf(overlay.over), entriesOf(overlay.under)];
  if (!over || !under) return { fault: "what was kept of the broker's values is not used: it is damaged" };
  return { kept: { overlay: { over, under }, savedAt: loaded.savedAt } };
}

/** Keeps what is in use; nothing is kept of nothing. @returns why it could not be kept */
export function keep(file: string, overlay: ConfigOverlay): string | undefined {
  try {
    if (overlay.over.length + overlay.under.length === 0) forgetLastGood(file);
    else saveLastGood(file, { over: overlay.over.map(entryJson), under: overlay.under.map(entryJson) });
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}

function entryJson({ scope, fields, origin }: OverlayEntry): JsonObject {
  return { scope: { ...scope }, fields, origin: { ...origin } };
}

/** Undefined when one of them is no entry. */
function entriesOf(value: Json | undefined): OverlayEntry[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const entries = value.flatMap((one) => {
    const { scope, fields, origin } = isJsonObject(one) ? one : {};
    const [known, from] = [scopeOf(scope), originOf(origin)];
    return known && from && isJsonObject(fields) ? [{ scope: known, fields, origin: from }] : [];
  });
  return entries.length === value.length ? entries : undefined;
}

function scopeOf(value: Json | undefined): Scope | undefined {
  const { kind, id, type } = isJsonObject(value) ? value : {};
  if (kind === "global") return { kind };
  if (kind === "service" && typeof id === "string") return { kind, id };
  return kind === "type" && typeof type === "string" ? { kind, type } : undefined;
}

function originOf(value: Json | undefined): RemoteOrigin | undefined {
  const { place, revision, by, time } = isJsonObject(value) ? value : {};
  if (typeof place !== "string" || typeof revision !== "number" || typeof time !== "number") return undefined;
  return { place, revision, time, ...(typeof by === "string" ? { by } : {}) };
}
