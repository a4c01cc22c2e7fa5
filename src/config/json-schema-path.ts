// Steps into a JSON Schema: what it says of one value inside.
import type { JsonSchema } from "./json-schema.ts";
import type { FieldPath } from "./types.ts";

/** What `root` says of the value at `path`, and whether that, or something around it, is declared secret. */
export function stepInto(root: JsonSchema, path: FieldPath): { schema: JsonSchema; secret: boolean } | undefined {
  let current: JsonSchema | undefined = resolveRef(root, root);
  let secret = false;
  for (const part of path) {
    current = current && step(root, current, part);
    if (!current) return undefined;
    secret ||= isSecret(current);
  }
  return current && { schema: current, secret };
}

/** Whether the value at `path`, or what is around it, is declared with `.meta({ secret: true })`. */
export function isDeclaredSecret(root: JsonSchema, path: FieldPath): boolean {
  return path.some((_, index) => stepInto(root, path.slice(0, index + 1))?.secret ?? false);
}

/** The mark may stand on one of several forms, as inside of `optional`. */
function isSecret(schema: JsonSchema): boolean {
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return schema.secret === true || choices.some((choice) => typeof choice === "object" && isSecret(choice));
}

function step(root: JsonSchema, schema: JsonSchema, part: string | number): JsonSchema | undefined {
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  const direct =
    typeof part === "number"
      ? (schema.prefixItems?.[part] ?? schema.items)
      : (schema.properties?.[part] ?? schema.additionalProperties);
  if (typeof direct === "object" && !Array.isArray(direct)) return resolveRef(root, direct);
  for (const choice of choices) {
    const found = typeof choice === "object" ? step(root, resolveRef(root, choice), part) : undefined;
    if (found) return found;
  }
  return undefined;
}

function resolveRef(root: JsonSchema, schema: JsonSchema): JsonSchema {
  if (schema.$ref === undefined) return schema;
  const target = schema.$ref === "#" ? root : root.$defs?.[schema.$ref.replace("#/$defs/", "")];
  return typeof target === "object" ? target : schema;
}
