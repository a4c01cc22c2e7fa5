// Forms of the Python framework's files: read as they are where that is possible, else told what they are called here.
import { isNull, type MapEntry, type MapNode, type Node, scalar } from "./source-tree.ts";
import { ROW_KEYS, SHARED_ROW_KEYS } from "./types.ts";

/**
 * `services:` as a mapping of types to variants to fields, as rows; undefined if it is another kind of mapping.
 * @example services: {hello_world: {main: {interval: 5}}}
 */
export function rowsOfMapping(services: MapNode): MapNode[] | undefined {
  const rows: MapNode[] = [];
  for (const [type, { keyOffset, value: variants }] of services.entries) {
    if (variants.kind !== "map") return undefined;
    for (const [variant, entry] of variants.entries) {
      const fields = fieldsOf(entry);
      if (!fields) return undefined;
      const { source } = variants;
      const named = new Map<string, MapEntry>([
        ["type", { keyOffset, value: scalar(type, type, source, keyOffset) }],
        ["variant", { keyOffset: entry.keyOffset, value: scalar(variant, variant, source, entry.keyOffset) }],
      ]);
      rows.push({ kind: "map", entries: new Map([...named, ...fields]), source, offset: entry.keyOffset });
    }
  }
  return rows;
}

/** What says itself who it is, is a row of another kind of mapping. */
function fieldsOf({ value }: MapEntry): ReadonlyMap<string, MapEntry> | undefined {
  if (isNull(value)) return new Map();
  const named = ["type", "variant", "instance_context", "instance"];
  return value.kind === "map" && !named.some((key) => value.entries.has(key)) ? value.entries : undefined;
}

/** What to write instead of a list of launchers. */
export const LAUNCHERS_HINT = "a name for each, with `type:` and `services:` below it, instead of `- `";

/** What to write instead of a key that the Python framework gave to every service, or took for a service's own section. */
export function topKeyHint(key: string, value: Node): string | undefined {
  if ((SHARED_ROW_KEYS as readonly string[]).includes(key)) return "for all rows it stands under `defaults:`";
  if ((ROW_KEYS as readonly string[]).includes(key)) return "it stands in a row of `services:`";
  if (value.kind !== "map") {
    return "a service's own field stands in its row; what several share, under a key that begins with `x-`";
  }
  return `the fields of a service stand in its row: \`- type: ${key}\``;
}

/** What to do instead of a home that there is not. */
export function homeHint(home: string): string | undefined {
  return ["container", "docker"].includes(home) ? "run `tcs run` in the container" : undefined;
}

/** What to write in a row that says in another way who it is. */
export function nameHint(row: MapNode): string | undefined {
  const other = ["name", "service", "id"].find((key) => row.entries.has(key));
  return other && `"${other}" stands there: a service is named by its \`type\` and \`variant\``;
}

/** What to write instead of fields that stand one level too deep. */
export function nestedFieldsHint(field: string, value: unknown): string | undefined {
  const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
  return field === "config" && isMapping ? "a service's fields stand in the row itself, without `config:`" : undefined;
}
