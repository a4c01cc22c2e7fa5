// Who set the settings of a row: every place that says something of each, the strongest first.
import type { Json } from "../../common/json.ts";
import { environmentName } from "../environment-name.ts";
import { typedValue } from "../expand.ts";
import { rowDefault } from "../file-schema/row-keys.ts";
import { isNull, type MapNode } from "../source-tree.ts";
import { ROW_KEYS, type ServiceRow, SHARED_ROW_KEYS } from "../types.ts";
import { effectiveSetting } from "./effective-setting.ts";
import { fileSource, givenBy } from "./node-values.ts";
import { flagsOf, type RowOrigins } from "./row-origins.ts";
import type { ExplainedValue, Given } from "./value-source.ts";

/** Settings of tcs in `row`; those that nobody gave and that have no default are left out. */
export function explainSettings(row: ServiceRow, origins: RowOrigins): ExplainedValue[] {
  return ROW_KEYS.flatMap((key): ExplainedValue[] => {
    // Older names of the variant are told under its own.
    if (key === "instance_context" || key === "instance") return [];
    const chain = settingChain(key, row, origins);
    const [winner, ...overrode] = chain;
    const value = effectiveSetting(key, row);
    if (value === undefined && (!winner || winner.source.kind === "default")) return [];
    const source = winner?.source ?? ({ kind: "default" } as const);
    // What counts is what was made of it: `asyncio` is inline, WARN is warning.
    return [{ key, group: "setting", value: value ?? null, source, overrode }];
  });
}

/** Folder and environment of a foreign program. */
export function explainProgram({ module }: ServiceRow, origins: RowOrigins): ExplainedValue[] {
  if (module.kind !== "program") return [];
  const { node } = origins.head;
  const [cwd] = entriesAt(node, "cwd", origins);
  const written = mapAt(node, "env");
  const env = Object.entries(module.env).map(([name, value]): ExplainedValue => {
    const key = `env.${name}`;
    const chain: Given[] = [...setsOf(key, origins), ...entriesAt(written, name, origins)];
    return { key, group: "setting", value, source: chain[0]?.source ?? { kind: "default" }, overrode: chain.slice(1) };
  });
  return [
    { key: "cwd", group: "setting", value: module.cwd, source: cwd?.source ?? { kind: "default" }, overrode: [] },
    ...env,
  ];
}

/** All that is said of one setting, the strongest first. */
function settingChain(key: (typeof ROW_KEYS)[number], row: ServiceRow, origins: RowOrigins): Given[] {
  const { head } = origins;
  if (row.home === "exec" && (key === "launcher" || key === "group")) return [];
  const own = key === "variant" ? ["variant", "instance_context", "instance"] : [key];
  const chain: Given[] = [
    ...flagsOf(row)
      .filter((flag) => flag.key === key)
      .map(({ value, flag }) => ({ value: plainFlag(value), source: { kind: "flag", flag } as const })),
    ...(key === "launcher" && origins.forcedHome
      ? [{ value: origins.forcedHome, source: { kind: "flag", flag: "--launcher" } as const }]
      : []),
    ...setsOf(key, origins),
    ...own.flatMap((name) => entriesAt(head.node, name, origins)),
    ...identity(key, row, origins),
    ...(key === "launcher" ? launcherType(origins) : []),
    ...rootsOf(origins).flatMap((root) => [
      ...(isShared(key) ? entriesAt(mapAt(root, "defaults"), key, origins, "defaults") : []),
      ...(key === "log_level" ? entriesAt(root, key, origins, key) : []),
    ]),
    ...(key === "log_level" ? environmentLevel(row, origins) : []),
  ];
  const fallback = rowDefault(key);
  const hasDefault = fallback !== undefined && effectiveSetting(key, row) !== undefined;
  return hasDefault ? [...chain, { value: fallback, source: { kind: "default" } }] : chain;
}

function setsOf(key: string, { overrides, head }: RowOrigins): Given[] {
  const sets = overrides.allFor(head).filter((set) => set.key === key);
  return sets.map(({ owner, value }) => ({
    value: typedValue(value),
    source: { kind: "flag", flag: `--set ${owner}.${key}` },
  }));
}

/** The entry of a mapping, and those that `<<` would have given in its place. */
function entriesAt(map: MapNode | undefined, name: string, origins: RowOrigins, part?: string): Given[] {
  const entry = map?.entries.get(name);
  const all = entry ? [entry, ...(map?.hidden?.get(name) ?? [])] : [];
  return all.filter(({ value }) => !isNull(value)).map((one) => givenBy(one, origins, part));
}

/** A row may say who it is in one word, or by its module alone. */
function identity(key: string, { type, variant }: ServiceRow, origins: RowOrigins): Given[] {
  const { node, typeNode, moduleName } = origins.head;
  const isText = typeNode.kind === "scalar" && node.entries.size === 0 && typeNode.offset === node.offset;
  const source = fileSource(typeNode, origins);
  if (key === "type" && !node.entries.has("type")) return isText || moduleName ? [{ value: type, source }] : [];
  return key === "variant" && isText && typeNode.text.endsWith(`.${variant}`) ? [{ value: variant, source }] : [];
}

/** What its own file says of all rows is stronger than what the first one says. */
function rootsOf({ file, block }: RowOrigins): MapNode[] {
  return block.root === undefined ? [file.root] : [block.root, file.root];
}

function launcherType(origins: RowOrigins): Given[] {
  const { file, block } = origins;
  const { name } = block;
  if (name === undefined) return [];
  return (file.roots ?? [file.root]).flatMap((root) => {
    const launchers = mapAt(root, "launchers");
    return entriesAt(launchers && mapAt(launchers, name), "type", origins, `launchers.${name}`);
  });
}

function environmentLevel({ type }: ServiceRow, { env, dotenv }: RowOrigins): Given[] {
  const variable = environmentName(type, "log_level");
  const value = env[variable];
  if (!value) return [];
  const place = dotenv?.get(variable);
  return [{ value, source: { kind: "environment", variable, ...(place && { file: place.file, line: place.line }) } }];
}

function mapAt(map: MapNode, name: string): MapNode | undefined {
  const value = map.entries.get(name)?.value;
  return value?.kind === "map" ? value : undefined;
}

function isShared(key: string): boolean {
  return (SHARED_ROW_KEYS as readonly string[]).includes(key);
}

function plainFlag(value: unknown): Json {
  return typeof value === "string" || typeof value === "boolean" || typeof value === "number" ? value : null;
}
