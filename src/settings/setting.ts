// One stored document: what was set for a service, a type or all services, by whom. Read with care: others write too.
import { describeError } from "../common/errors.ts";
import { isJsonObject, type JsonObject } from "../common/json.ts";
import type { OverlayEntry, Scope } from "../config/overlay.ts";
import { scopeWords } from "./names.ts";

/** One revision of the values of a scope. */
export interface Setting {
  scope: Scope;
  /** Empty when everything was taken back. */
  fields: JsonObject;
  /** Its number in the bucket. */
  revision: number;
  /** Who set it, as `ann@vm`; undefined when it does not say. */
  by?: string;
  /** When the broker stored it, milliseconds since the epoch, by the broker's clock. */
  time: number;
  /** The revision whose values these are, when they were brought back. */
  restored?: number;
}

/** Its values, or what is wrong with it. */
export type ReadSetting = Setting & { fault?: string };

/** The largest document that is taken, bytes. */
const LARGEST = 256 * 1024;
/** Characters of a name that are kept. */
const LONGEST_NAME = 80;
/** Deeper values are no configuration. */
const DEEPEST = 20;

export function encodeSetting(fields: JsonObject, by: string, restored?: number): string {
  return JSON.stringify({ fields, by, ...(restored === undefined ? {} : { restored }) });
}

/** @param data empty: the value was taken away, by whatever tool */
export function decodeSetting(scope: Scope, data: Uint8Array, place: { seq: number; time: number }): ReadSetting {
  const base = { scope, fields: {}, revision: place.seq, time: place.time };
  if (data.length === 0) return base;
  if (data.length > LARGEST) return { ...base, fault: `it is larger than ${LARGEST / 1024} KiB` };
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(data));
  } catch (error) {
    return { ...base, fault: `it is no JSON (${describeError(error)})` };
  }
  if (!isJsonObject(value)) return { ...base, fault: "it is no JSON object" };
  const { fields, by, restored } = value;
  const known = {
    ...base,
    ...(typeof by === "string" && by !== "" ? { by: nameFrom(by) } : {}),
    ...(typeof restored === "number" ? { restored } : {}),
  };
  if (!isJsonObject(fields)) return { ...known, fault: 'it has no object "fields"' };
  if (depthOf(fields) > DEEPEST) return { ...known, fault: `its values are nested deeper than ${DEEPEST}` };
  return { ...known, fields };
}

/** A name as it may stand in a line of a log: whoever writes to the bucket may call himself what he likes. */
function nameFrom(by: string): string {
  return by.slice(0, LONGEST_NAME).replaceAll(/[\p{C}\s]+/gu, " ");
}

/** The setting as a source of configuration. @param bucket its name, for messages */
export function overlayEntry(bucket: string, { scope, fields, revision, by, time }: Setting): OverlayEntry {
  const place = `${bucket} ${scopeWords(scope)}`;
  return { scope, fields, origin: { place, revision, time, ...(by === undefined ? {} : { by }) } };
}

function depthOf(value: unknown): number {
  let depth = 0;
  for (let level: unknown[] = [value]; level.length > 0 && depth <= DEEPEST; depth++) {
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
  }
  return depth;
}
