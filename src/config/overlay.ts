// Values that come from NATS: laid over what the file says of a service, or under it.
import { isJsonObject, type Json, type JsonObject } from "../common/json.ts";
import type { Checker } from "./checker.ts";
import type { RowHead } from "./row-head.ts";
import { isProgramRow } from "./row-program.ts";
import { type MapEntry, type MapNode, type Node, type Source, scalar } from "./source-tree.ts";
import { PROGRAM_KEYS, type RemoteOrigin, ROW_KEYS } from "./types.ts";

/** Which services values are for. */
export type Scope = { kind: "service"; id: string } | { kind: "type"; type: string } | { kind: "global" };

/** What one document says of the services in its scope. */
export interface OverlayEntry {
  scope: Scope;
  /** Fields of the service, and settings of its row (`restart`, `log_level`). */
  fields: JsonObject;
  origin: RemoteOrigin;
}

export interface ConfigOverlay {
  /** Stronger than the file. */
  over: readonly OverlayEntry[];
  /** Weaker than the file, stronger than the environment. */
  under: readonly OverlayEntry[];
}

/** What a row is, and what it depends on, only its file says: nobody who may write to NATS chooses what is run. */
const FILE_ONLY: readonly string[] = [
  ...["type", "variant", "instance_context", "instance", "module", "command", "after", "runner_id"],
];
/** Settings of tcs that may come from NATS; other keys are the service's own fields. */
export const REMOTE_SETTINGS: readonly string[] = ROW_KEYS.filter((key) => !FILE_ONLY.includes(key));

/** Whether only a file may give the key. @param isProgram of a row with `command` */
export function isFileOnly(key: string, isProgram: boolean): boolean {
  return FILE_ONLY.includes(key) || (isProgram && (PROGRAM_KEYS as readonly string[]).includes(key));
}

/** `tcs_config hello_world.main revision 12 by ann@vm`, as errors name it in the place of a file. */
export function originName({ place, revision, by }: RemoteOrigin): string {
  return `${place} revision ${revision}${by === undefined ? "" : ` by ${by}`}`;
}

/**
 * The row with everything that `overlay` says of it. Its service is told in `ifKnown` which of its fields are only said of
 * all services: they are for those that have such a field.
 */
export function overlaid(checker: Checker, head: RowHead, overlay: ConfigOverlay): RowHead {
  const concerns = (entries: readonly OverlayEntry[]) =>
    entries.filter(({ scope }) => isFor(scope, head)).toSorted((a, b) => rank(a.scope) - rank(b.scope));
  const [under, over] = [concerns(overlay.under), concerns(overlay.over)];
  if (under.length + over.length === 0) return head;
  const isProgram = isProgramRow(head);
  const map = (entry: OverlayEntry) => usable(checker, entry, isProgram);
  const layers = [...under.map(map), head.node, ...over.map(map)];
  const node = layers.reduce((below, above) => mergeMaps(below, above, head.node));
  const forAll = [...under, ...over].filter(({ scope }) => scope.kind === "global");
  const ownNames = [...under, ...over].filter(({ scope }) => scope.kind !== "global").flatMap(fieldNames);
  const said = new Set([...head.node.entries.keys(), ...ownNames]);
  const ifKnown = forAll.flatMap(fieldNames).filter((name) => !said.has(name) && !REMOTE_SETTINGS.includes(name));
  return { ...head, node, ...(ifKnown.length > 0 && { ifKnown: [...new Set(ifKnown)] }) };
}

/** Whether a service in the scope is among those of a file. */
export function isFor(scope: Scope, { id, type }: { id: string; type: string }): boolean {
  switch (scope.kind) {
    case "service":
      return scope.id === id;
    case "type":
      return scope.type === type;
    case "global":
      return true;
    default:
      return scope satisfies never;
  }
}

function rank({ kind }: Scope): number {
  return ["global", "type", "service"].indexOf(kind);
}

function fieldNames({ fields }: OverlayEntry): string[] {
  return Object.keys(fields);
}

/** The entry as a part of the tree; what may not come from NATS is reported, and left out. */
function usable(checker: Checker, { fields, origin, scope }: OverlayEntry, isProgram: boolean): MapNode {
  const source = remoteSource(origin);
  const node = fieldsNode(fields, source);
  for (const key of [...node.entries.keys()]) {
    const isForeign = isProgram && scope.kind === "global" && !REMOTE_SETTINGS.includes(key);
    if (isFileOnly(key, isProgram)) {
      checker.report({ source, offset: 0 }, key, `${key}, which only the configuration file may say`, "another key");
    }
    // What is said of all services means those of ours.
    if (isFileOnly(key, isProgram) || isForeign || (isProgram && scope.kind !== "service" && isHome(key))) {
      node.entries.delete(key);
    }
  }
  return node;
}

/** A foreign program has no choice of these. */
function isHome(key: string): boolean {
  return key === "launcher" || key === "group";
}

function remoteSource(origin: RemoteOrigin): Source {
  const name = originName(origin);
  return { name, position: () => ({ file: name, line: 0, column: 0, remote: origin }) };
}

/** Plain values as a part of the tree. */
export function fieldsNode(fields: JsonObject, source: Source): MapNode {
  const entries = new Map<string, MapEntry>();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) entries.set(name, { keyOffset: 0, value: nodeOf(value, source) });
  }
  return { kind: "map", entries, source, offset: 0 };
}

function nodeOf(value: Json, source: Source): Node {
  if (Array.isArray(value)) {
    return { kind: "seq", items: value.map((item) => nodeOf(item, source)), source, offset: 0 };
  }
  if (isJsonObject(value)) return fieldsNode(value, source);
  // Nobody who writes to NATS reads a host's environment by it.
  if (typeof value === "string")
    return scalar(
      value.replaceAll("${", () => "$${"),
      value,
      source,
      0,
    );
  return scalar(value, String(value), source, 0);
}

/** What `above` replaces is kept as hidden, for who asks what it overrode. @param row where the result stands: the row of the file */
function mergeMaps(below: MapNode, above: MapNode, row: MapNode): MapNode {
  const entries = new Map(below.entries);
  const hidden = new Map(below.hidden);
  for (const [name, entry] of above.entries) {
    const under = entries.get(name);
    if (under?.value.kind === "map" && entry.value.kind === "map") {
      entries.set(name, { ...under, ...entry, value: mergeMaps(under.value, entry.value, entry.value) });
      continue;
    }
    entries.set(name, entry);
    const weaker = [...(above.hidden?.get(name) ?? []), ...(under ? [under] : []), ...(below.hidden?.get(name) ?? [])];
    if (weaker.length > 0) hidden.set(name, weaker);
  }
  return { kind: "map", entries, ...(hidden.size > 0 && { hidden }), source: row.source, offset: row.offset };
}
