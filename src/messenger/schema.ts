// Schemas of data: those of zod as they are, others by the same small interface (https://standardschema.dev), JSON schemas.
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { MessengerOptionError, SchemaError } from "./errors.ts";

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
type Outcome<T> = { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

/** What checks data, and may change it (defaults, dates): a schema of zod is one. */
export interface Schema<T> {
  readonly "~standard": { readonly validate: (value: unknown) => Outcome<T> | Promise<Outcome<T>> };
}

/** The data as the schema gives it. @throws SchemaError when it does not fit */
export function checked<T>(subject: string, schema: Schema<T>, data: unknown): T | Promise<T> {
  const outcome = schema["~standard"].validate(data);
  return outcome instanceof Promise ? outcome.then((late) => fitting(subject, late)) : fitting(subject, outcome);
}

function fitting<T>(subject: string, outcome: Outcome<T>): T {
  if (outcome.issues === undefined) return outcome.value;
  throw new SchemaError(subject, outcome.issues.map(describeIssue));
}

function describeIssue({ message, path = [] }: Issue): string {
  const keys = path.map((step) => String(typeof step === "object" ? step.key : step));
  return keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
}

/**
 * A schema from a JSON schema (draft 7 or later).
 * @typeParam T what data is that fits
 * @throws MessengerOptionError at the first message, when the JSON schema itself cannot be used
 * @example
 * ```ts
 * import { jsonSchema } from "ocabox-tcs/messenger";
 * export const Wind = jsonSchema<{ speed: number }>({
 *   type: "object",
 *   properties: { speed: { type: "number", minimum: 0 } },
 *   required: ["speed"],
 * });
 * ```
 */
export function jsonSchema<T = JsonObject>(schema: JsonObject): Schema<T> {
  let compiled: Promise<(value: unknown) => Outcome<T>> | undefined;
  return {
    "~standard": {
      async validate(value) {
        // Loaded when the first message is there: most programs have no JSON schema.
        compiled ??= compile<T>(schema);
        return (await compiled)(value);
      },
    },
  };
}

async function compile<T>(schema: JsonObject): Promise<(value: unknown) => Outcome<T>> {
  const { z } = await import("zod");
  const made = (() => {
    try {
      // A JSON object, as the type of `fromJSONSchema` has it in more words.
      return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    } catch (cause) {
      throw new MessengerOptionError(`the JSON schema cannot be used: ${describeError(cause)}`, { cause });
    }
  })();
  return (value) => {
    const { success, data, error } = made.safeParse(value);
    // The caller has said what data is that fits.
    return success ? { value: data as T } : { issues: error.issues };
  };
}
