// Values by path: set, take away, compare.
import { isJsonObject, type Json, type JsonObject } from "../common/json.ts";

/** What is different between two sets of values, by path (`limits.max`). */
export interface FieldDifference {
  path: string;
  /** Undefined: there was none. */
  before: Json | undefined;
  /** Undefined: it was taken away. */
  after: Json | undefined;
}

/** `limits.max` in its steps. */
export function stepsOf(path: string): string[] {
  return path.split(".").filter((step) => step !== "");
}

export function valueAt(fields: JsonObject, [head, ...rest]: readonly string[]): Json | undefined {
  if (head === undefined) return fields;
  const value = Object.hasOwn(fields, head) ? fields[head] : undefined;
  if (rest.length === 0) return value;
  return isJsonObject(value) ? valueAt(value, rest) : undefined;
}

/** A copy with `value` at the path; mappings are made where there is nothing. Undefined takes away, and what is empty then. */
export function withValue(fields: JsonObject, [head, ...rest]: readonly string[], value: Json | undefined): JsonObject {
  if (head === undefined) return fields;
  const copy: JsonObject = { ...fields };
  const below = Object.hasOwn(fields, head) ? fields[head] : undefined;
  const inner = rest.length === 0 ? value : withValue(isJsonObject(below) ? below : {}, rest, value);
  const isGone = inner === undefined || (value === undefined && isJsonObject(inner) && Object.keys(inner).length === 0);
  if (isGone) delete copy[head];
  // Object.defineProperty: a key named __proto__ is only a key.
  else Object.defineProperty(copy, head, { value: inner, enumerable: true, configurable: true, writable: true });
  return copy;
}

/** Single values by path; lists and empty mappings are values. */
export function flatten(fields: JsonObject, prefix = ""): Map<string, Json> {
  const flat = new Map<string, Json>();
  for (const [name, value] of Object.entries(fields)) {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    if (value === undefined) continue;
    if (isJsonObject(value) && Object.keys(value).length > 0) {
      for (const [inner, one] of flatten(value, path)) flat.set(inner, one);
    } else flat.set(path, value);
  }
  return flat;
}

/** In order of path. */
export function difference(before: JsonObject, after: JsonObject): FieldDifference[] {
  const [old, now] = [flatten(before), flatten(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .toSorted()
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }))
    .filter((one) => !Bun.deepEquals(one.before, one.after));
}
