// Values that come as text (environment, command line) and the schema that decides what they are.
import type { z } from "zod";
import type { FieldPath } from "./types.ts";

/**
 * The value that `text` stands for: the text itself if `schema` takes it, else what it means as a YAML scalar or flow value
 * (`5`, `[1, 2]`, `{max: 3}`), else yes/no, on/off, 1/0 as a boolean. When the schema takes none of them: the YAML value,
 * so that the message is about what was meant. Without a schema, the YAML value.
 */
export function chooseText(schema: z.ZodType | undefined, text: string): unknown {
  const value = yamlValue(text);
  if (!schema) return value;
  const candidates = [text, value, ...booleanWord(text)];
  const accepted = candidates.find((candidate) => {
    try {
      return schema.safeParse(candidate).success;
    } catch {
      // A check of the service's own that throws is reported when the whole configuration is parsed.
      return false;
    }
  });
  return accepted === undefined ? value : accepted;
}

/** The schema at `path` below `schema`; undefined where a path leads through a union or out of the schema. */
export function schemaAt(schema: z.ZodType, path: FieldPath): z.ZodType | undefined {
  let current: z.core.$ZodType | undefined = schema;
  for (const part of path) {
    const { def }: z.core.$ZodTypes["_zod"] = (unwrap(current) as z.core.$ZodTypes)._zod;
    if (def.type === "object") current = fieldOf(def.shape, part) ?? def.catchall;
    else if (def.type === "array") current = def.element;
    else if (def.type === "record") current = def.valueType;
    else if (def.type === "tuple") current = def.items[Number(part)];
    else return undefined;
    if (!current) return undefined;
  }
  // Every schema that a classic zod object holds is a classic one.
  return unwrap(current) as z.ZodType;
}

/** Not what every object has of its own, as `constructor`. */
function fieldOf(shape: z.core.$ZodShape, part: string | number): z.core.$ZodType | undefined {
  return Object.hasOwn(shape, part) ? shape[part] : undefined;
}

/** Whether the schema takes fields it does not name (`z.looseObject`, `.catchall(…)`). */
export function isOpen(schema: z.ZodObject): boolean {
  const { catchall } = schema._zod.def;
  return catchall !== undefined && catchall._zod.def.type !== "never";
}

/** The schema inside optional, default, nullable and the like, whose value has the same form. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  let current = schema;
  for (;;) {
    // The union of all zod types makes `def.type` tell which it is.
    const { def } = (current as z.core.$ZodTypes)._zod;
    switch (def.type) {
      case "optional":
      case "nullable":
      case "default":
      case "prefault":
      case "nonoptional":
      case "readonly":
      case "catch":
        current = def.innerType;
        continue;
      default:
        return current;
    }
  }
}

function yamlValue(text: string): unknown {
  // Block YAML on a command line is more likely text with a colon: only scalars and flow values count.
  if (/[\n]|^\s*[-?]\s/.test(text) || (!/^\s*[[{"']/.test(text) && /:\s|:$|\s#/.test(text))) return text;
  try {
    return Bun.YAML.parse(text);
  } catch {
    // Not YAML: then it is the text it is.
    return text;
  }
}

function booleanWord(text: string): boolean[] {
  if (/^(?:yes|on|1|true)$/i.test(text)) return [true];
  return /^(?:no|off|0|false)$/i.test(text) ? [false] : [];
}
