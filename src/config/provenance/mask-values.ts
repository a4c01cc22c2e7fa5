// Secrets in explained values become ***: fields declared secret, names that look it, passwords in addresses, and the
// texts of all of those wherever else they stand.
import type { Json } from "../../common/json.ts";
import { isJsonObject } from "../../common/json.ts";
import { looksSecret, MASK } from "../../common/secret-words.ts";
import { parsePath } from "../field-path.ts";
import type { JsonSchema } from "../json-schema.ts";
import { isDeclaredSecret } from "../json-schema-path.ts";
import type { FieldPath } from "../types.ts";
import type { ExplainedValue, Given, ValueSource } from "./value-source.ts";

export interface Masks {
  /** The schema of the service's own fields. */
  schema?: JsonSchema | undefined;
  /** Takes known secrets, and passwords in addresses, out of a text. */
  text(text: string): string;
}

export function maskValue(explained: ExplainedValue, masks: Masks): ExplainedValue {
  const { key, group, value, source, overrode } = explained;
  const path = parsePath(key);
  const declared = group === "field" && masks.schema !== undefined && isDeclaredSecret(masks.schema, path);
  const named = path.some((part) => looksSecret(String(part)));
  const taken = [source, ...overrode.map((given) => given.source)].some(takesSecret);
  const secret = declared || named || taken;
  const schema = group === "field" ? masks.schema : undefined;
  const hide = (shown: Json): Json => (secret ? hidden(shown) : maskJson(shown, path, { ...masks, schema }));
  return {
    key,
    group,
    value: hide(value),
    source,
    overrode: overrode.map((given): Given => ({ ...given, value: hide(given.value) })),
    ...(secret && { secret: true }),
  };
}

/** That there is nothing, or an empty text, is no secret. */
function hidden(value: Json): Json {
  return value === null || value === "" ? value : MASK;
}

/** A value made of a variable that is named like a secret. */
function takesSecret(source: ValueSource): boolean {
  const variables = source.kind === "file" ? (source.variables ?? []) : [];
  return variables.some(({ variable }) => looksSecret(variable));
}

function maskJson(value: Json, path: FieldPath, masks: Masks): Json {
  if (Array.isArray(value)) return value.map((item, i) => maskJson(item, [...path, i], masks));
  if (isJsonObject(value)) {
    const entries = Object.entries(value).map(([name, item]): [string, Json] => {
      const below = item ?? null;
      return [name, looksSecret(name) ? hidden(below) : maskJson(below, [...path, name], masks)];
    });
    return Object.fromEntries(entries);
  }
  if (masks.schema && isDeclaredSecret(masks.schema, path)) return hidden(value);
  if (typeof value === "string") return masks.text(value);
  return typeof value === "number" && masks.text(String(value)) !== String(value) ? MASK : value;
}
