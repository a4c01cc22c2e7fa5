// The fields of a service's configuration, in words: for people who write a row.
import type { Json } from "../common/json.ts";
import { configJsonSchema, type JsonSchema } from "./json-schema.ts";
import { words } from "./schema-words.ts";
import { BaseServiceConfig, type ConfigSchema } from "./service-config.ts";

export interface ConfigFieldAbout {
  name: string;
  /** Plain words: "a positive number"; absent where a schema cannot be told in words. */
  expected?: string;
  required: boolean;
  /** Absent when there is none, or when it is a secret. */
  default?: Json;
  secret: boolean;
  description?: string;
}

/** Those of its own, in their order. */
export function describeFields(schema: ConfigSchema): ConfigFieldAbout[] {
  const form = configJsonSchema(schema);
  const names = Object.keys(schema.shape).filter((name) => !(name in BaseServiceConfig.shape));
  return names.map((name) => {
    const field = form?.properties?.[name];
    const known: JsonSchema = typeof field === "object" ? field : {};
    const secret = known.secret === true;
    const expected = words(known);
    return {
      name,
      ...(expected !== undefined && { expected }),
      required: form?.required?.includes(name) ?? false,
      // JSON Schema holds nothing that is not JSON.
      ...(known.default !== undefined && !secret && { default: JSON.parse(JSON.stringify(known.default)) as Json }),
      secret,
      ...(known.description !== undefined && { description: known.description }),
    };
  });
}
