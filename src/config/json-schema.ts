// The schema of a service's configuration as JSON Schema: for other hosts, editors and people.
import { z } from "zod";

/** A JSON Schema (draft 2020-12) of what may be written. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * What the schema takes: fields with a default are not required, secrets are marked `"secret": true`. What JSON Schema cannot
 * say (a transformation, a check in code) is left open.
 * @returns undefined for a schema without a JSON form, or of a foreign zod that is too old
 */
export function configJsonSchema(schema: z.ZodType): JsonSchema | undefined {
  try {
    return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  } catch {
    return undefined;
  }
}
