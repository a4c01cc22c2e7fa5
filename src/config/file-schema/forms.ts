// The forms of values in a configuration file, as JSON Schema (draft 7, the one that editors' YAML servers know best).
import type { JsonObject } from "../../common/json.ts";

/** Any value may be text with variables, of which only a reading knows what comes of it. */
const VARIABLE = "\\$\\{";
const NUMBER_TEXT = "^-?[0-9]+(\\.[0-9]+)?$";

/** What is told of a key. */
export interface About {
  description: string;
  /** Where nothing is said. */
  default?: string | number | boolean;
}

/** Left empty (`key:`, `~`) is as if the key were not there. */
const NOTHING = { type: "null" };

function value(about: About, forms: JsonObject[]): JsonObject {
  return { ...about, anyOf: [...forms, NOTHING] };
}

export interface NumberLimits {
  min: number;
  max: number;
  integer?: boolean;
}

export function number(about: About, { min, max, integer }: NumberLimits): JsonObject {
  const pattern = `${VARIABLE}|${NUMBER_TEXT}`;
  const type = integer ? "integer" : "number";
  return value(about, [
    { type, minimum: min, maximum: max },
    { type: "string", pattern },
  ]);
}

export function boolean(about: About): JsonObject {
  return value(about, [{ type: "boolean" }, { type: "string", pattern: VARIABLE }]);
}

/** One of several words, in any case. */
export function word(about: About, words: readonly string[], alsoTaken: readonly string[] = []): JsonObject {
  const pattern = [VARIABLE, ...[...words, ...alsoTaken].map((text) => `^${inAnyCase(text)}$`)].join("|");
  return value(about, [{ enum: [...words] }, { type: "string", pattern }]);
}

/** Text that is not empty; numbers and booleans count as they are written. @param pattern what it must match without variables */
export function text(about: About, pattern?: string): JsonObject {
  const whole = pattern === undefined ? { minLength: 1 } : { pattern: `${VARIABLE}|${pattern}` };
  return value(about, [{ type: "string", ...whole }, { type: ["number", "boolean"] }]);
}

/** A value, or a list of such. @param least how many there must be in a list */
export function oneOrMore(about: About, item: JsonObject, least = 0): JsonObject {
  return value(about, [item, { type: "array", items: item, minItems: least }]);
}

/** A mapping with these keys and no others. */
export function mapping(about: About, properties: JsonObject): JsonObject {
  return value(about, [{ type: "object", properties, additionalProperties: false }]);
}

export function anyOf(about: About, ...forms: JsonObject[]): JsonObject {
  return value(about, forms);
}

/** As names.ts has them: a part of a NATS subject, one without dots, several with dots between. */
export const TOKEN = "^[^\\s*>]{1,128}$";
export const UNDOTTED = "^[^\\s.*>]{1,128}$";
export const DOTTED = "^[^\\s.*>]+(\\.[^\\s.*>]+)*$";

function inAnyCase(text: string): string {
  return [...text].map((letter) => (/[a-z]/.test(letter) ? `[${letter}${letter.toUpperCase()}]` : letter)).join("");
}
