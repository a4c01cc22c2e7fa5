// The JSON Schema of a whole configuration file, the fields of known services included: editors complete and check by it.
import type { JsonObject } from "../../common/json.ts";
import { isJsonObject } from "../../common/json.ts";
import { ROW_KEYS } from "../types.ts";
import { TOP_KEY_SCHEMAS } from "./file-keys.ts";
import { DOTTED } from "./forms.ts";
import { PROGRAM_KEY_SCHEMAS, ROW_KEY_SCHEMAS } from "./row-keys.ts";
import { serviceSchema } from "./service-schema.ts";

/** A type of service, and what its file says of its fields. */
export interface KnownService {
  type: string;
  /** JSON Schema (draft 2020-12); absent: its fields are not known, and any are taken. */
  schema?: JsonObject | undefined;
}

/**
 * The schema (draft 7) of a configuration file.
 *
 * It refuses less than a check: what depends on other files, the environment or the command line is not its business. No field is
 * demanded, since the environment may give it.
 */
export function configFileSchema(services: readonly KnownService[]): JsonObject {
  const byType = new Map(services.map((service) => [service.type, service]));
  const known = [...byType.values()].toSorted((a, b) => (a.type < b.type ? -1 : 1));
  const described = known.flatMap(({ type, schema }) => (schema ? [{ type, schema }] : []));
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Configuration of tcs",
    type: "object",
    properties: TOP_KEY_SCHEMAS,
    patternProperties: { "^x-": { description: "Yours: a place for anchors" } },
    additionalProperties: false,
    definitions: {
      row: {
        anyOf: [
          { type: "string", pattern: `\\$\\{|${DOTTED}`, description: "A service as hello_world.main" },
          { $ref: "#/definitions/service" },
        ],
      },
      service: {
        type: "object",
        anyOf: [{ required: ["type"] }, { required: ["module"] }],
        properties: { ...ROW_KEY_SCHEMAS, type: typeSchema(known) },
        allOf: [
          when({ required: ["command"] }, { $ref: "#/definitions/program" }),
          ...described.map(({ type }) => when(isOfType(type), { $ref: `#/definitions/${nameOf(type)}` })),
        ],
      },
      program: {
        properties: { ...SETTINGS, ...PROGRAM_KEY_SCHEMAS, module: false, launcher: false, group: false },
      },
      ...Object.fromEntries(described.map(({ type, schema }) => [nameOf(type), rowOf(type, schema)])),
    },
  };
}

/** The settings of a row: `service` says what they take. */
const SETTINGS = Object.fromEntries(ROW_KEYS.map((key) => [key, true]));

function when(condition: JsonObject, schema: JsonObject): JsonObject {
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word
  return { if: condition, then: schema };
}

/** Any type is taken; those that are known are offered. */
function typeSchema(known: readonly KnownService[]): JsonObject {
  const { description, ...form } = ROW_KEY_SCHEMAS.type;
  return { description, anyOf: [{ enum: known.map(({ type }) => type) }, form] };
}

function isOfType(type: string): JsonObject {
  return { required: ["type"], properties: { type: { const: type } }, not: { required: ["command"] } };
}

/** The row of a service: settings of tcs, its own fields, and none else unless it takes them. */
function rowOf(type: string, schema: JsonObject): JsonObject {
  const converted = serviceSchema(schema, `#/definitions/${nameOf(type)}`);
  const { properties, additionalProperties = false, required: _, $ref: __, ...rest } = converted;
  const own = isJsonObject(properties) ? properties : {};
  // What every service has, and what says of a row how it is run, is said by the row's own keys.
  return { ...rest, properties: { ...own, ...SETTINGS }, additionalProperties };
}

/** Of its definition, beside those of this schema's own. */
function nameOf(type: string): string {
  return `service ${type}`.replaceAll(/[^\p{L}\p{N}_.-]+/gu, ":");
}
