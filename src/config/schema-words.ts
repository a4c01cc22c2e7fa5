// What a schema expects, in plain words. Only used to tell of an error, so it may take its time.
import type { z } from "zod";
import { looksSecret } from "../common/secret-words.ts";
import { showValue } from "./errors.ts";
import { configJsonSchema, type JsonSchema } from "./json-schema.ts";
import { isDeclaredSecret, stepInto } from "./json-schema-path.ts";
import type { FieldPath } from "./types.ts";

const FORMATS: Record<string, string> = {
  uri: "a URL",
  email: "an e-mail address",
  "date-time": "a date and time (ISO 8601)",
  date: "a date as 2026-01-31",
  time: "a time of day",
  duration: "an ISO 8601 duration",
  ipv4: "an IPv4 address",
  ipv6: "an IPv6 address",
  uuid: "a UUID",
};

/** What was expected where `issue` was found: "a positive number", "one of a, b"; else the issue's own message. */
export function expectedAt(schema: z.ZodType, path: FieldPath, issue: z.core.$ZodIssue): string {
  // A message the service's author wrote says it best.
  const standard = /^(?:Invalid|Too small|Too big|Unrecognized)\b/.test(issue.message);
  if (issue.code === "custom" || !standard) return issue.message;
  const root = configJsonSchema(schema);
  // A schema without a JSON form is described by its own messages.
  const found = root && stepInto(root, path);
  return (found && words(found.schema)) ?? issue.message;
}

/** Whether the value at `path` was declared with `.meta({ secret: true })`, or is named like a secret: then it is never shown. */
export function isSecretAt(schema: z.ZodType, path: FieldPath): boolean {
  const root = configJsonSchema(schema);
  return path.some((part) => looksSecret(String(part))) || (root !== undefined && isDeclaredSecret(root, path));
}

/** What a value of this form is, as "a positive number"; undefined where there are no words for it. */
export function words(schema: JsonSchema): string | undefined {
  if (schema.const !== undefined) return showValue(schema.const);
  if (schema.enum) return `one of ${schema.enum.map((value) => String(value)).join(", ")}`;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return either(choices.map((choice) => (typeof choice === "object" ? words(choice) : undefined)));
  if (Array.isArray(schema.type)) return either(schema.type.map((type) => words({ ...schema, type })));
  switch (schema.type) {
    case "number":
    case "integer":
      return numberWords(schema);
    case "string":
      return textWords(schema);
    case "boolean":
      return "true or false";
    case "null":
      return "nothing";
    case "array":
      return listWords(schema);
    case "object":
      return "a mapping";
    default:
      return undefined;
  }
}

function either(choices: (string | undefined)[]): string | undefined {
  const known = choices.filter((choice) => choice !== undefined);
  return known.length === choices.length ? [...new Set(known)].join(" or ") : undefined;
}

function numberWords(schema: JsonSchema): string {
  const noun = schema.type === "integer" ? "whole number" : "number";
  // Every integer schema has the limits of exact numbers: they say nothing.
  const min = schema.minimum === Number.MIN_SAFE_INTEGER ? undefined : schema.minimum;
  const max = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
  const above = schema.exclusiveMinimum;
  const below = schema.exclusiveMaximum;
  const adjective = above === 0 ? "positive " : below === 0 ? "negative " : "";
  const limits = [
    min !== undefined && max !== undefined ? `from ${min} to ${max}` : "",
    min !== undefined && max === undefined ? `of at least ${min}` : "",
    min === undefined && max !== undefined ? `of at most ${max}` : "",
    above !== undefined && above !== 0 ? `above ${above}` : "",
    below !== undefined && below !== 0 ? `below ${below}` : "",
    schema.multipleOf !== undefined ? `in steps of ${schema.multipleOf}` : "",
  ].filter((limit) => limit !== "");
  return [`a ${adjective}${noun}`, ...limits].join(" ");
}

function textWords(schema: JsonSchema): string {
  const format =
    schema.format === undefined ? undefined : (FORMATS[schema.format] ?? `text in the form ${schema.format}`);
  if (format) return format;
  if (schema.pattern !== undefined) return `text that matches /${schema.pattern}/`;
  const { minLength: min, maxLength: max } = schema;
  if (min !== undefined && max !== undefined) return `text of ${min} to ${max} characters`;
  if (min !== undefined) return min === 1 ? "text that is not empty" : `text of at least ${min} characters`;
  return max === undefined ? "text" : `text of at most ${max} characters`;
}

function listWords(schema: JsonSchema): string {
  const { minItems: min, maxItems: max } = schema;
  const count =
    min !== undefined && min === max ? ` of ${min}` : min ? ` of at least ${min}` : max ? ` of at most ${max}` : "";
  const items = typeof schema.items === "object" && !Array.isArray(schema.items) ? words(schema.items) : undefined;
  return `a list${count}${items ? ` (each ${items})` : ""}`;
}
