// Steps into a value, and values changed along them.
import type { FieldPath } from "./types.ts";

/** `limits.max` and `targets[2]` as steps. */
export function parsePath(key: string): FieldPath {
  return key
    .split(/[.[\]]+/)
    .filter((part) => part !== "")
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** Undefined where there is nothing. */
export function valueAt(value: unknown, path: FieldPath): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== "object" || current === null) return undefined;
    current = Object.hasOwn(current, part) ? Reflect.get(current, part) : undefined;
  }
  return current;
}

/** A copy of `whole` with `value` at `path`; mappings are made where there is nothing. */
export function withValueAt(whole: unknown, path: FieldPath, value: unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  if (Array.isArray(whole) && typeof head === "number") {
    const copy: unknown[] = [...whole];
    copy[head] = withValueAt(whole[head], rest, value);
    return copy;
  }
  const map = typeof whole === "object" && whole !== null && !Array.isArray(whole) ? whole : {};
  return { ...map, [head]: withValueAt(valueAt(map, [head]), rest, value) };
}
