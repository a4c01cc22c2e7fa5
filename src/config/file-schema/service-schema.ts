// The schema of a service's own fields in the form that editors know (draft 7), for values that may hold variables.
import type { Json, JsonObject } from "../../common/json.ts";
import { isJsonObject } from "../../common/json.ts";

/** Keywords whose value is a schema, a list of such, or a mapping of names to such. */
const ONE = [
  "additionalProperties",
  "propertyNames",
  "not",
  "contains",
  "items",
  "additionalItems",
  "if",
  "then",
  "else",
];
const SEVERAL = ["anyOf", "oneOf", "allOf", "items"];
const NAMED = ["properties", "patternProperties", "definitions"];
const ABOUT = ["description", "title", "default", "examples", "deprecated"];
const VARIABLE = { type: "string", pattern: "\\$\\{" };

/**
 * @param schema of draft 2020-12, as zod makes it
 * @param place what refers to the result: `#/definitions/hello_world`
 */
export function serviceSchema(schema: JsonObject, place: string): JsonObject {
  return convert(schema, place, true);
}

function convert(schema: JsonObject, place: string, isWhole = false): JsonObject {
  const { $schema: _, $defs, prefixItems, ...all } = schema;
  const rest = all.secret === true ? withoutValues(all) : all;
  const moved: JsonObject = { ...rest };
  if ($defs !== undefined) moved.definitions = $defs;
  if (prefixItems !== undefined) {
    // Draft 7 has one keyword for both.
    moved.items = prefixItems;
    moved.additionalItems = rest.items ?? false;
  }
  if (typeof moved.$ref === "string") moved.$ref = moved.$ref.replace("#/$defs/", "#/definitions/").replace("#", place);
  const converted = Object.fromEntries(Object.entries(moved).map(([key, value]) => [key, below(key, value, place)]));
  return isWhole ? converted : withVariables(converted);
}

/** What a secret is where nothing is said is a secret, too. */
function withoutValues({ default: _, examples: __, ...rest }: JsonObject): JsonObject {
  return rest;
}

function below(key: string, value: Json | undefined, place: string): Json | undefined {
  if (NAMED.includes(key) && isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, schema]) => [name, isJsonObject(schema) ? convert(schema, place) : schema]),
    );
  }
  if (SEVERAL.includes(key) && Array.isArray(value)) {
    return value.map((schema) => (isJsonObject(schema) ? convert(schema, place) : schema));
  }
  return ONE.includes(key) && isJsonObject(value) ? convert(value, place) : value;
}

/** A number, a word or a special text may be given by a variable. */
function withVariables(schema: JsonObject): JsonObject {
  const isNarrow =
    ["number", "integer", "boolean"].includes(String(schema.type)) || schema.enum || schema.const !== undefined;
  const isNarrowText =
    schema.type === "string" && (schema.pattern ?? schema.format ?? schema.minLength ?? schema.maxLength);
  if (!isNarrow && isNarrowText === undefined) return schema;
  const about = Object.fromEntries(Object.entries(schema).filter(([key]) => ABOUT.includes(key)));
  const form = Object.fromEntries(Object.entries(schema).filter(([key]) => !ABOUT.includes(key)));
  return { ...about, anyOf: [form, VARIABLE] };
}
