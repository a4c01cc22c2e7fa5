// The values that a service's schema declares secret, by `.meta({ secret: true })`.
import type { ConfigSchema } from "./service-config.ts";

/** The parts of a zod schema that matter here; also those of another copy of zod. */
interface Definition {
  shape?: Record<string, unknown>;
  innerType?: unknown;
  element?: unknown;
  valueType?: unknown;
  options?: unknown[];
  items?: unknown[];
  in?: unknown;
  out?: unknown;
}

/** Texts and numbers in `config` that stand in fields declared secret. */
export function secretValues(schema: ConfigSchema, config: unknown): string[] {
  if (!maySayIt(schema)) return [];
  const found = new Set<string>();
  collect(schema, config, false, found);
  return [...found];
}

const answers = new WeakMap<object, boolean>();

/** Whether a schema declares anything secret: asked once, since a file of a thousand services has few schemas. */
function maySayIt(schema: ConfigSchema): boolean {
  const known = answers.get(schema);
  if (known !== undefined) return known;
  const answer = declaresSecret(schema, new Set());
  answers.set(schema, answer);
  return answer;
}

/** @param seen schemas may contain themselves */
function declaresSecret(schema: unknown, seen: Set<unknown>): boolean {
  if (seen.has(schema)) return false;
  seen.add(schema);
  const { shape, element, valueType, items } = definitionOf(schema);
  const parts = [...Object.values(shape ?? {}), element, valueType, ...(items ?? []), ...innerSchemas(schema)];
  return isDeclaredSecret(schema) || parts.some((part) => part !== undefined && declaresSecret(part, seen));
}

function collect(schema: unknown, value: unknown, isSecret: boolean, found: Set<string>): void {
  const secret = isSecret || isDeclaredSecret(schema);
  if (typeof value === "string" || typeof value === "number") {
    if (secret) found.add(String(value));
    // A wrapper (optional, default, pipe) or a choice may be declared inside.
    else for (const inner of innerSchemas(schema)) collect(inner, value, false, found);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const { shape, element, valueType, items } = definitionOf(schema);
  for (const [key, item] of Object.entries(value)) {
    const field = Array.isArray(value) ? (items?.[Number(key)] ?? element) : (shape?.[key] ?? valueType);
    if (secret || field !== undefined) collect(field, item, secret, found);
  }
  for (const inner of innerSchemas(schema)) collect(inner, value, secret, found);
}

function innerSchemas(schema: unknown): unknown[] {
  const { innerType, options, in: before, out } = definitionOf(schema);
  return [innerType, before, out, ...(options ?? [])].filter((inner) => inner !== undefined);
}

function isDeclaredSecret(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null || !("meta" in schema) || typeof schema.meta !== "function") {
    return false;
  }
  const meta: unknown = schema.meta();
  return typeof meta === "object" && meta !== null && "secret" in meta && meta.secret === true;
}

function definitionOf(schema: unknown): Definition {
  if (typeof schema !== "object" || schema === null || !("def" in schema)) return {};
  // What it holds is looked at part by part, and each part is unknown.
  return typeof schema.def === "object" && schema.def !== null ? (schema.def as Definition) : {};
}
