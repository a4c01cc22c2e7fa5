// Who set the fields of a service: every source that says something of each, the strongest first.
import type { Json, JsonObject } from "../../common/json.ts";
import { isJsonObject } from "../../common/json.ts";
import type { ConfigDescription } from "../describe-config.ts";
import { environmentName } from "../environment-name.ts";
import { typedValue } from "../expand.ts";
import { parsePath, valueAt, withValueAt } from "../field-path.ts";
import type { JsonSchema } from "../json-schema.ts";
import { type MapEntry, type Node, pathText } from "../source-tree.ts";
import { type FieldPath, PROGRAM_KEYS, ROW_KEYS, type ServiceRow } from "../types.ts";
import { givenBy, variableSource } from "./node-values.ts";
import type { RowOrigins } from "./row-origins.ts";
import type { ExplainedValue, Given } from "./value-source.ts";

/** What a service's file says of its configuration. */
export interface ConfigForm extends ConfigDescription {
  /** Where defaults are told; absent for a schema without a JSON form. */
  schema?: JsonSchema | undefined;
}

/** A `--set` of a field. */
interface SetField {
  path: FieldPath;
  given: Given;
}

/**
 * The fields of the service of `row`, mappings by their parts.
 * @param form what its file says of them; absent when that could not be loaded: then nothing is known of defaults
 */
export function explainFields(row: ServiceRow, origins: RowOrigins, form?: ConfigForm): ExplainedValue[] {
  const sets = setFields(origins);
  const values = form?.values ?? mergedAsWritten(row, sets);
  const own = Object.entries(values).filter(([name]) => !isSetting(name, row));
  return own.flatMap(([name, value]) =>
    leaves([name], value ?? null, sets).map(([path, leaf]) => {
      const chain = fieldChain(path, row, origins, sets, form);
      const [winner] = chain;
      const source = winner?.source ?? ({ kind: "schema" } as const);
      return { key: pathText(path), group: "field", value: leaf, source, overrode: chain.slice(1) } as const;
    }),
  );
}

function isSetting(name: string, { home }: ServiceRow): boolean {
  const known: readonly string[] = home === "exec" ? [...ROW_KEYS, ...PROGRAM_KEYS] : ROW_KEYS;
  return known.includes(name);
}

function setFields({ overrides, head }: RowOrigins): SetField[] {
  const known: readonly string[] = ROW_KEYS;
  return overrides
    .allFor(head)
    .filter(({ key }) => !known.includes(key))
    .map(({ owner, key, value }) => {
      return {
        path: parsePath(key),
        given: { value: typedValue(value), source: { kind: "flag", flag: `--set ${owner}.${key}` } },
      };
    });
}

/** Of a service whose schema is not known. */
function mergedAsWritten(row: ServiceRow, sets: readonly SetField[]): JsonObject {
  const merged = sets
    .toReversed()
    .reduce<unknown>((whole, { path, given }) => withValueAt(whole, path, given.value), row.fields);
  // What comes from YAML and the command line is JSON.
  return merged as JsonObject;
}

/** The values inside of `value`; lists stay whole, but where one of their items was set. */
function leaves(path: FieldPath, value: Json, sets: readonly SetField[]): [FieldPath, Json][] {
  const isSetInside = sets.some((set) => set.path.length > path.length && startsWith(set.path, path));
  if (isJsonObject(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, item]) => leaves([...path, key], item ?? null, sets));
  }
  if (Array.isArray(value) && isSetInside) return value.flatMap((item, i) => leaves([...path, i], item, sets));
  return [[path, value]];
}

function startsWith(path: FieldPath, beginning: FieldPath): boolean {
  return beginning.every((part, i) => String(path[i]) === String(part));
}

function fieldChain(
  path: FieldPath,
  { type }: ServiceRow,
  origins: RowOrigins,
  sets: readonly SetField[],
  form: ConfigForm | undefined,
): Given[] {
  const [name, ...rest] = path;
  const field = String(name);
  const given = sets
    .filter((set) => startsWith(path, set.path))
    .map((set): Given => {
      const value = valueAt(set.given.value, path.slice(set.path.length));
      return { ...set.given, value: value === undefined ? set.given.value : (value as Json) }; // a part of what is JSON
    });
  const { entries, hidden } = origins.head.node;
  const entry = entries.get(field);
  const inFile = entry ? [entry, ...(hidden?.get(field) ?? [])] : [];
  // A field is taken whole from the strongest source: parts that only a weaker one has do not count.
  const whole: (Given | undefined)[] = inFile.flatMap((one) => partsOf(one, rest, origins));
  const isKnown = form?.fields.includes(field) ?? true;
  if (isKnown) whole.push(...inEnvironment(type, field, rest, origins));
  const known = whole.filter((one) => one !== undefined);
  const fallback = schemaDefault(form, path);
  const atEnd: Given[] = fallback === undefined ? [] : [{ value: fallback, source: { kind: "schema" } }];
  // The strongest source says nothing of this part of the field: the schema does.
  if (whole.length > 0 && whole[0] === undefined && given.length === 0) return [...atEnd, ...known];
  return [...given, ...known, ...atEnd];
}

/** The value below an entry, and those that it is stronger than in mappings that were merged; undefined: it has no such part. */
function partsOf(entry: MapEntry, path: FieldPath, origins: RowOrigins): (Given | undefined)[] {
  const [part, ...rest] = path;
  if (part === undefined) return [givenBy(entry, origins)];
  const next = below(entry.value, part);
  if (next.length === 0) return [undefined];
  return next.flatMap((one) => {
    const anchor = one.anchor ?? entry.anchor;
    return partsOf({ ...one, ...(anchor !== undefined && { anchor }) }, rest, origins);
  });
}

/** The strongest first. */
function below(node: Node, part: string | number): MapEntry[] {
  if (node.kind === "map") {
    const entry = node.entries.get(String(part));
    return entry ? [entry, ...(node.hidden?.get(String(part)) ?? [])] : [];
  }
  const item = node.kind === "seq" ? node.items[Number(part)] : undefined;
  return item ? [{ keyOffset: item.offset, value: item }] : [];
}

function inEnvironment(type: string, field: string, rest: FieldPath, origins: RowOrigins): (Given | undefined)[] {
  const variable = environmentName(type, field);
  const text = origins.env[variable];
  if (text === undefined) return [];
  const source = { kind: "environment", ...variableSource(variable, origins) } as const;
  // What is inside of such a text only its schema's reading tells: it is shown whole.
  return [rest.length === 0 ? { value: typedValue(text), source } : { value: text, source }];
}

function schemaDefault(form: ConfigForm | undefined, path: FieldPath): Json | undefined {
  let current: unknown = form?.schema;
  for (const part of path) {
    if (!isRecord(current) || !isRecord(current.properties)) return undefined;
    current = current.properties[String(part)];
  }
  return isRecord(current) ? (current.default as Json | undefined) : undefined; // of a JSON schema
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
