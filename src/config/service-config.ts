// A service's own configuration: its zod schema, and where each value comes from.
// Precedence: command line > file (with what NATS says laid over it) > environment > the schema's defaults.
import { z } from "zod";
import { describeError } from "../common/errors.ts";
import { LOG_LEVELS, type LogLevel } from "../common/logger.ts";
import { nearest } from "../common/nearest.ts";
import { withoutPasswords } from "../common/secret-words.ts";
import { environmentName } from "./environment-name.ts";
import { didYouMean, showValue } from "./errors.ts";
import type { Env } from "./expand.ts";
import { parsePath, valueAt, withValueAt } from "./field-path.ts";
import { nestedFieldsHint } from "./older-forms.ts";
import { expectedAt, isSecretAt } from "./schema-words.ts";
import { chooseText, isOpen, schemaAt } from "./text-values.ts";
import { type FieldIssue, type FieldOrigin, type FieldPath, ROW_KEYS } from "./types.ts";

export type { FieldIssue, FieldOrigin, FieldPath } from "./types.ts";

/**
 * The fields every service has. Extend it with your own:
 * @example const Config = baseServiceConfig.extend({ interval: z.number().positive().default(5) });
 */
export const BaseServiceConfig = z.object({
  /** Service type, as `hello_world`. */
  type: z.string().default(""),
  variant: z.string().default("main"),
  /** The older name of `variant`: the same value. */
  instance_context: z.string().default("main"),
  log_level: z.enum(LOG_LEVELS).default("info"),
});
export const baseServiceConfig = BaseServiceConfig;

/** A configuration is parsed once in a life: to compile a parser for it would cost more than it saves. */
const ONCE = { jitless: true };

/** So many unknown fields may have a hint: one row can have a hundred thousand. */
const MOST_HINTS = 100;

/** The schema of a service's configuration. */
export type ConfigSchema = z.ZodObject;

export interface ServiceConfigInput {
  type: string;
  variant: string;
  logLevel: LogLevel;
  /** The service's own fields from the file. */
  fields: Record<string, unknown>;
  /** Fields of the file that were one variable each: their text, by path. */
  texts?: Record<string, string>;
  /** Fields that count only if the schema names them. */
  ifKnown?: readonly string[];
  /** Values of `--set`, by field path. */
  overrides: Record<string, string>;
  env: Env;
}

export type ResolvedServiceConfig<S extends ConfigSchema> =
  | { ok: true; config: z.output<S>; origins: Record<string, FieldOrigin> }
  | { ok: false; issues: FieldIssue[] };

/** Merges all sources and checks them against `schema`; reports every issue, never throws for bad values. */
export function resolveServiceConfig<S extends ConfigSchema>(
  schema: S,
  input: ServiceConfigInput,
): ResolvedServiceConfig<S> {
  const { type, variant, logLevel } = input;
  const base = { type, variant, instance_context: variant, log_level: logLevel };
  const own = Object.keys(schema.shape).filter((field) => !Object.hasOwn(base, field));
  const raw: Record<string, unknown> = Object.fromEntries(
    Object.entries(base).filter(([field]) => field in schema.shape),
  );
  const origins: Record<string, FieldOrigin> = {};
  const issues: FieldIssue[] = [];
  for (const field of own) gatherField(schema, field, input, raw, origins);
  gatherUnknown(schema, own, input, raw, origins, issues);
  const parsed = parseSafely(schema, raw);
  if (parsed.ok && issues.length === 0) {
    // The spread adds what a schema that does not extend the base lacks; the schema's own result is complete.
    return { ok: true, config: { ...base, ...parsed.data } as z.output<S>, origins };
  }
  if (!parsed.ok) issues.push(...parsed.issues(origins));
  return { ok: false, issues: withSources(issues, type) };
}

function gatherField(
  schema: ConfigSchema,
  field: string,
  input: ServiceConfigInput,
  raw: Record<string, unknown>,
  origins: Record<string, FieldOrigin>,
): void {
  const fieldSchema = schemaAt(schema, [field]);
  const fromEnv = input.env[environmentName(input.type, field)];
  origins[field] = "default";
  if (Object.hasOwn(input.fields, field)) {
    raw[field] = fileValue(fieldSchema, field, input);
    origins[field] = "file";
  } else if (fromEnv !== undefined) {
    raw[field] = chooseText(fieldSchema, fromEnv);
    origins[field] = "environment";
  }
  for (const [key, text] of Object.entries(input.overrides)) {
    const path = parsePath(key);
    if (key !== field && path[0] !== field) continue;
    const whole = key === field || path.length === 1;
    raw[field] = whole
      ? chooseText(fieldSchema, text)
      : withValueAt(raw[field], path.slice(1), chooseText(schemaAt(schema, path), text));
    origins[field] = "command line";
  }
}

/**
 * The file's value; if the schema refuses it, the same with its variables as the text they were, or a `yes`, `no`, `on`,
 * `off` as the boolean that YAML 1.1, and with it the Python framework, takes it for.
 */
function fileValue(schema: z.ZodType | undefined, field: string, input: ServiceConfigInput): unknown {
  const value = input.fields[field];
  if (schema && typeof value === "string" && /^(?:yes|no|on|off)$/i.test(value)) return chooseText(schema, value);
  const texts = Object.entries(input.texts ?? {}).filter(([key]) => parsePath(key)[0] === field);
  if (texts.length === 0 || !schema || accepts(schema, value)) return value;
  const asText = texts.reduce<unknown>(
    (whole, [key, text]) => withValueAt(whole, parsePath(key).slice(1), text),
    value,
  );
  return accepts(schema, asText) ? asText : value;
}

/** Fields the schema does not name: taken if it is open, else reported. */
function gatherUnknown(
  schema: ConfigSchema,
  own: string[],
  input: ServiceConfigInput,
  raw: Record<string, unknown>,
  origins: Record<string, FieldOrigin>,
  issues: FieldIssue[],
): void {
  const expected = own.length > 0 ? `one of ${own.join(", ")}` : "no fields of its own";
  const refuse = (field: string, origin: FieldOrigin) => {
    const hint =
      nestedFieldsHint(field, input.fields[field]) ??
      (issues.length < MOST_HINTS ? didYouMean(nearest(field, [...own, ...ROW_KEYS])) : undefined);
    issues.push({ path: [field], given: "an unknown field", unknown: true, expected, ...(hint && { hint }), origin });
  };
  const isNew = (field: string) => !Object.hasOwn(schema.shape, field);
  for (const field of Object.keys(input.fields).filter((name) => isNew(name) && !input.ifKnown?.includes(name))) {
    if (!isOpen(schema)) refuse(field, "file");
    else {
      raw[field] = input.fields[field];
      origins[field] = "file";
    }
  }
  for (const [key, text] of Object.entries(input.overrides)) {
    const [field = key, ...rest] = parsePath(key);
    if (!isNew(key) || !isNew(String(field))) continue;
    if (!isOpen(schema)) refuse(String(field), "command line");
    else {
      raw[field] = withValueAt(raw[field], rest, chooseText(undefined, text));
      origins[field] = "command line";
    }
  }
}

type Parsed =
  | { ok: true; data: Record<string, unknown> }
  | { ok: false; issues(origins: Record<string, FieldOrigin>): FieldIssue[] };

function parseSafely(schema: ConfigSchema, raw: Record<string, unknown>): Parsed {
  let result: z.ZodSafeParseResult<Record<string, unknown>>;
  try {
    result = schema.safeParse(raw, ONCE);
  } catch (error) {
    // A refinement of the service's own that throws, or is asynchronous.
    const expected = `a schema whose checks do not throw (${describeError(error)})`;
    return { ok: false, issues: () => [{ path: [], given: "these values", expected, origin: "default" }] };
  }
  if (result.success) return { ok: true, data: result.data };
  const { issues } = result.error;
  return {
    ok: false,
    issues: (origins) => issues.flatMap((issue) => fieldIssues(schema, raw, issue, origins)),
  };
}

function fieldIssues(
  schema: ConfigSchema,
  raw: unknown,
  issue: z.core.$ZodIssue,
  origins: Record<string, FieldOrigin>,
): FieldIssue[] {
  const path: FieldPath = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  const origin = origins[String(path[0])] ?? "default";
  if (issue.code === "unrecognized_keys") {
    const holder = schemaAt(schema, path);
    const known = holder instanceof z.ZodObject ? Object.keys(holder.shape) : [];
    return issue.keys.map((key) => {
      const hint = didYouMean(nearest(key, known));
      const expected = known.length > 0 ? `one of ${known.join(", ")}` : "only fields the schema names";
      return {
        path: [...path, key],
        given: "an unknown field",
        unknown: true,
        expected,
        ...(hint && { hint }),
        origin,
      };
    });
  }
  const value = valueAt(raw, path);
  const given =
    path.length === 0
      ? "these values"
      : isSecretAt(schema, path)
        ? "a hidden value"
        : withoutPasswords(showValue(value));
  return [{ path, given, expected: expectedAt(schema, path, issue), origin }];
}

function withSources(issues: FieldIssue[], type: string): FieldIssue[] {
  return issues.map((issue) =>
    issue.origin === "environment" ? { ...issue, variable: environmentName(type, String(issue.path[0])) } : issue,
  );
}

function accepts(schema: z.ZodType, value: unknown): boolean {
  try {
    return schema.safeParse(value, ONCE).success;
  } catch {
    // A check that throws is reported when the whole configuration is parsed.
    return false;
  }
}
