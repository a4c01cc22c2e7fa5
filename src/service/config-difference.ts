// What differs between two configurations of a service, in words that show no secret.
import { looksSecret, MASK } from "../common/secret-words.ts";
import { showValue } from "../config/errors.ts";
import { secretValues } from "../config/secret-values.ts";
import type { ConfigSchema } from "../config/service-config.ts";
import { pathText } from "../config/source-tree.ts";
import type { FieldPath } from "../config/types.ts";
import { SecretMask } from "../logs/secrets.ts";

export interface ConfigDifference {
  /** The fields that differ, by the names they have in a row. */
  keys: string[];
  /** `interval 5 -> 2, limits.max 7 -> 9`: what is secret is `***`. */
  words: string;
  /** Hides the secrets of both in any other text. */
  mask: (text: string) => string;
}

/** Values that are named; the rest is counted. */
const MOST_NAMED = 8;

/** @returns undefined when they mean the same */
export function configDifference(schema: ConfigSchema, before: object, after: object): ConfigDifference | undefined {
  const paths = differingPaths(before, after, []);
  if (paths.length === 0) return undefined;
  const secrets = new Set([...secretValues(schema, before), ...secretValues(schema, after)]);
  const masked = new SecretMask();
  masked.add([...secrets]);
  const mask = (text: string) => masked.mask(text);
  const show = (path: FieldPath, value: unknown): string => {
    if (value === undefined) return "nothing";
    const isSecret = path.some((part) => looksSecret(String(part))) || secrets.has(String(value));
    return isSecret ? MASK : mask(showValue(value));
  };
  const named = paths
    .slice(0, MOST_NAMED)
    .map((path) => `${pathText(path)} ${show(path, valueAt(before, path))} -> ${show(path, valueAt(after, path))}`);
  const more = paths.length > MOST_NAMED ? [`${paths.length - MOST_NAMED} more`] : [];
  return { keys: [...new Set(paths.map(([key]) => String(key)))], words: [...named, ...more].join(", "), mask };
}

/** Down to what is no plain mapping: a list is shown as a whole. */
function differingPaths(before: object, after: object, path: FieldPath): FieldPath[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => {
    const [old, now]: unknown[] = [Reflect.get(before, key), Reflect.get(after, key)];
    if (Bun.deepEquals(old, now, true)) return [];
    const here = [...path, key];
    return isPlain(old) && isPlain(now) ? differingPaths(old, now, here) : [here];
  });
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function valueAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((whole, key) => (isPlain(whole) ? Reflect.get(whole, key) : undefined), value);
}
