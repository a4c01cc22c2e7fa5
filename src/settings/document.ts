// Values as a document, YAML or JSON: what tcs config export writes, apply takes, and a program may put on a subject.
import type { Json, JsonObject } from "../common/json.ts";
import { dottedFault, serviceId, splitServiceId, variantFault } from "../common/names.ts";
import { Checker } from "../config/checker.ts";
import { ConfigError } from "../config/errors.ts";
import type { Scope } from "../config/overlay.ts";
import { parseYaml } from "../config/read-source.ts";
import { isNull, type MapEntry, type MapNode, type Node, type TextSource } from "../config/source-tree.ts";
import type { SourcePosition } from "../config/types.ts";
import { scopeWords } from "./names.ts";

/** What a document says of one scope. */
export interface DocumentEntry {
  scope: Scope;
  fields: JsonObject;
  /** The revision that it was exported from: it is to be at that still. */
  revision?: number;
  position: SourcePosition;
}

/** `defaults` is another word for `global`. */
const KEYS = ["global", "defaults", "types", "services"] as const;
/** What names a row of a list; the rest are its values. */
const NAMES: readonly string[] = ["type", "variant", "instance_context", "instance"];
/** Stands among the fields of an export: no service has a field of such a name. */
const REVISION = "$revision";

/**
 * Reads a document; one in a message's envelope (`{data, meta}`) too.
 * @throws ConfigError with everything that is wrong with its form
 */
export async function readDocument(source: TextSource): Promise<DocumentEntry[]> {
  const { root, issues, broken } = await parseYaml(source);
  const checker = new Checker({});
  checker.issues.push(...issues.map(({ offset: _, ...issue }) => issue));
  const map = broken || !root || isNull(root) ? undefined : checker.map(inner(root), "", "a mapping with services");
  const entries = map ? readEntries(checker, map) : [];
  if (checker.issues.length > 0) throw new ConfigError(checker.issues);
  return entries;
}

function inner(root: Node): Node {
  const data = root.kind === "map" && root.entries.has("meta") ? root.entries.get("data")?.value : undefined;
  return data ?? root;
}

function readEntries(checker: Checker, map: MapNode): DocumentEntry[] {
  checker.unknownKeys(map, "", KEYS);
  const at = (key: (typeof KEYS)[number]) => map.entries.get(key)?.value;
  const found = [
    ...readScope(checker, { kind: "global" }, at("global") ?? at("defaults"), "global"),
    ...readScopes(checker, at("types"), "types", dottedFault, (type) => ({ kind: "type", type })),
  ];
  const services = at("services");
  if (services?.kind === "seq") {
    return [...found, ...services.items.flatMap((node, i) => readRow(checker, node, `services[${i}]`))];
  }
  return [...found, ...readScopes(checker, services, "services", idFault, (id) => ({ kind: "service", id }))];
}

function idFault(text: string): string | undefined {
  const { type, variant } = splitServiceId(text);
  return text.includes(".") ? (dottedFault(type) ?? variantFault(variant)) : "an id is as hello_world.main";
}

function readScopes(
  checker: Checker,
  node: Node | undefined,
  key: string,
  faultOf: (name: string) => string | undefined,
  scopeOf: (name: string) => Scope,
): DocumentEntry[] {
  const map = checker.map(node, key, "a mapping of names to values");
  return [...(map?.entries ?? [])].flatMap(([name, { keyOffset, value }]: [string, MapEntry]) => {
    const fault = faultOf(name);
    if (fault === undefined) return readScope(checker, scopeOf(name), value, `${key}.${name}`);
    checker.report({ source: value.source, offset: keyOffset }, key, JSON.stringify(name), `a legal name (${fault})`);
    return [];
  });
}

/** A service as a configuration file has it. */
function readRow(checker: Checker, node: Node, key: string): DocumentEntry[] {
  const row = checker.map(node, key, "a mapping with type and values; what has none is left out");
  if (!row) return [];
  const text = (name: string) => {
    const value = row.entries.get(name)?.value;
    return isNull(value) || !value ? undefined : checker.text(value, `${key}.${name}`, "text");
  };
  const type = text("type");
  if (type === undefined) checker.report(row, key, "a service without a type", "type: hello_world");
  const variant = text("variant") ?? text("instance_context") ?? text("instance") ?? "main";
  if (type === undefined) return [];
  const entries = new Map([...row.entries].filter(([name]) => !NAMES.includes(name)));
  return readScope(checker, { kind: "service", id: serviceId(type, variant) }, { ...row, entries }, key);
}

function readScope(checker: Checker, scope: Scope, node: Node | undefined, key: string): DocumentEntry[] {
  if (!node) return [];
  const map = isNull(node) ? undefined : checker.map(node, key, "a mapping of fields to values");
  if (!map && !isNull(node)) return [];
  const number = map?.entries.get(REVISION)?.value;
  const revision = number && checker.number(number, `${key}.${REVISION}`, { min: 0, max: 1e15, integer: true });
  const fields = [...(map?.entries ?? [])].filter(([name]) => name !== REVISION);
  return [
    {
      scope,
      fields: Object.fromEntries(fields.map(([name, { value }]) => [name, plainOf(value)])),
      ...(revision === undefined ? {} : { revision }),
      position: node.source.position(node.offset),
    },
  ];
}

/** The plain value; variables stay what they are written as. */
function plainOf(node: Node): Json {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "seq":
      return node.items.map(plainOf);
    case "map":
      return Object.fromEntries([...node.entries].map(([name, { value }]) => [name, plainOf(value)]));
    default:
      return node satisfies never;
  }
}

/** The document of what is set now. @param fieldsOf what is to be shown of each */
export function documentOf<T extends { scope: Scope; revision: number }>(
  settings: readonly T[],
  fieldsOf: (setting: T) => JsonObject,
): JsonObject {
  const block = (setting: T): JsonObject => ({ [REVISION]: setting.revision, ...fieldsOf(setting) });
  const named = (kind: "type" | "service") =>
    Object.fromEntries(
      settings.flatMap((setting) => {
        const { scope } = setting;
        if (scope.kind !== kind) return [];
        return [[scope.kind === "type" ? scope.type : scopeWords(scope), block(setting)]];
      }),
    );
  const global = settings.find(({ scope }) => scope.kind === "global");
  const parts = { types: named("type"), services: named("service") };
  return {
    ...(global ? { global: block(global) } : {}),
    ...Object.fromEntries(Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0)),
  };
}
