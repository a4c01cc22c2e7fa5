// What there is to know of a service's configuration, as plain data: for those who explain it, and for editors.
import type { Json, JsonObject } from "../common/json.ts";
import { type ConfigSchema, resolveServiceConfig, type ServiceConfigInput } from "./service-config.ts";

/** The configuration of one service. */
export interface ConfigDescription {
  /** What the service would be given; absent when it does not fit the schema. */
  values?: JsonObject;
  /** Names of the fields that the schema has, those of every service included. */
  fields: string[];
}

export function describeConfig(schema: ConfigSchema, input: ServiceConfigInput): ConfigDescription {
  const resolved = resolveServiceConfig(schema, input);
  return {
    ...(resolved.ok && { values: plainObject(resolved.config) }),
    fields: Object.keys(schema.shape),
  };
}

function plainObject(value: object): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** A parsed value may be of any class: what JSON has no word for is told as text. */
function plain(value: unknown): Json | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "undefined":
    case "function":
    case "symbol":
      return undefined;
    case "bigint":
      return value.toString();
  }
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((item) => plain(item) ?? null);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Set) return [...value].map((item) => plain(item) ?? null);
  if (value instanceof Map) return plainObject(Object.fromEntries(value));
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? plainObject(value ?? {}) : String(value);
}
