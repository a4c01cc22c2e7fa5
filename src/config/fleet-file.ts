// The parts of a configuration file, before its rows are looked into.

import type { LogLevel } from "../common/logger.ts";
import { dottedFault, tokenFault } from "../common/names.ts";
import { nearest } from "../common/nearest.ts";
import { type Checker, showNode } from "./checker.ts";
import { didYouMean } from "./errors.ts";
import { readLogsBlock } from "./logs-section.ts";
import { readMetricsBlock } from "./metrics-section.ts";
import type { RegistryEntry } from "./modules.ts";
import { type NatsSection, readNatsBlock } from "./nats-section.ts";
import { LAUNCHERS_HINT, rowsOfMapping, topKeyHint } from "./older-forms.ts";
import { parseHome, type RunSettings, readHome, readLogLevel, readSettings } from "./row-settings.ts";
import { readSiteBlock } from "./site-section.ts";
import { isNull, type MapNode, type Node, sourceFolder } from "./source-tree.ts";
import { readSystemdBlock } from "./systemd-section.ts";
import {
  HOMES,
  type Home,
  type LogSettings,
  type MetricsSettings,
  SHARED_ROW_KEYS,
  type SystemdSettings,
} from "./types.ts";

/** Keys of the file itself; `x-…` are the writer's own. */
export const TOP_KEYS = [
  "include",
  "nats",
  "registry",
  "defaults",
  "log_level",
  "terminate_delay",
  "lease_sec",
  "site",
  "logs",
  "systemd",
  "metrics",
  "launchers",
  "services",
] as const;
/** Keys of one of the `launchers:`. */
export const LAUNCHER_KEYS = ["type", "terminate_delay", "services"] as const;
export const MAX_TERMINATE_DELAY_SEC = 3600;
/** Longer than what a dead launcher's services take to end. */
export const SHORTEST_LEASE_SEC = 6;
export const LONGEST_LEASE_SEC = 3600;

/** A list of rows: the file's own `services:`, or those of one launcher. */
export interface RowBlock {
  /** The launcher's name; undefined for the file's own list. */
  name?: string;
  /** Path of the list, as `launchers.dome.services`. */
  key: string;
  home?: Home;
  terminateDelayMs?: number;
  /** What its rows take where they say nothing, if it is not what the file says. */
  defaults?: RunSettings;
  /** Its file, if that is not the first. */
  root?: MapNode;
  rows: Node[];
}

export interface FleetFile {
  root: MapNode;
  /** Of several files: all of them, the first one first. */
  roots?: readonly MapNode[];
  nats?: NatsSection;
  /** By type. */
  registry: Map<string, RegistryEntry>;
  /** What rows take where they say nothing. */
  defaults: RunSettings;
  logLevel?: LogLevel;
  terminateDelayMs?: number;
  leaseMs?: number;
  logs?: LogSettings;
  systemd?: SystemdSettings;
  metrics?: MetricsSettings;
  blocks: RowBlock[];
}

/** Takes the file apart; what is wrong goes to `checker`. @param origin the file's name for messages */
export function readFleetFile(checker: Checker, root: MapNode, origin: string): FleetFile {
  checkTopKeys(checker, root);
  const at = (name: string): Node | undefined => {
    const node = root.entries.get(name)?.value;
    return node && isNull(node) ? undefined : node;
  };
  const natsNode = at("nats");
  const nats = natsNode && readNatsBlock(checker, natsNode, origin);
  const logLevelNode = at("log_level");
  const logLevel = logLevelNode && readLogLevel(checker, logLevelNode, "log_level");
  const terminateDelayMs = readDelay(checker, at("terminate_delay"), "terminate_delay");
  const site = at("site");
  // For other commands; checked here with the rest of the file.
  if (site) readSiteBlock(checker, site);
  const metricsNode = at("metrics");
  const metrics = metricsNode && readMetricsBlock(checker, metricsNode);
  const leaseMs = readLease(checker, at("lease_sec"));
  const logsNode = at("logs");
  const logs = logsNode && readLogsBlock(checker, logsNode);
  const systemdNode = at("systemd");
  const systemd = systemdNode && readSystemdBlock(checker, systemdNode);
  const blocks = [
    { key: "services", rows: readRows(checker, at("services"), "services") },
    ...readLaunchers(checker, root),
  ];
  return {
    root,
    ...(nats && { nats }),
    registry: readRegistry(checker, root),
    defaults: readDefaults(checker, at("defaults")),
    ...(logLevel && { logLevel }),
    ...(terminateDelayMs !== undefined && { terminateDelayMs }),
    ...(leaseMs !== undefined && { leaseMs }),
    ...(logs && { logs }),
    ...(metrics && { metrics }),
    ...(systemd && { systemd }),
    blocks,
  };
}

function readLease(checker: Checker, node: Node | undefined): number | undefined {
  if (!node) return undefined;
  const seconds = checker.number(node, "lease_sec", { min: SHORTEST_LEASE_SEC, max: LONGEST_LEASE_SEC });
  return seconds === undefined ? undefined : 1000 * seconds;
}

function checkTopKeys(checker: Checker, root: MapNode): void {
  // `x-…` keys are the writer's own: a place for anchors.
  const entries = new Map([...root.entries].filter(([key]) => !key.startsWith("x-")));
  checker.unknownKeys({ ...root, entries }, "", TOP_KEYS, topKeyHint);
}

function readDefaults(checker: Checker, node: Node | undefined): RunSettings {
  const map = checker.map(node, "defaults", "a mapping of row settings");
  if (!map) return {};
  checker.unknownKeys(map, "defaults", SHARED_ROW_KEYS);
  return readSettings(checker, (name) => map.entries.get(name)?.value, "defaults");
}

function readRegistry(checker: Checker, root: MapNode): Map<string, RegistryEntry> {
  const registry = new Map<string, RegistryEntry>();
  const folder = sourceFolder(root.source) ?? process.cwd();
  const map = checker.map(root.entries.get("registry")?.value, "registry", "a mapping of service types to modules");
  for (const [type, { keyOffset, value }] of map?.entries ?? []) {
    const fault = dottedFault(type);
    if (fault) {
      checker.report(
        { source: root.source, offset: keyOffset },
        "registry",
        `the type "${type}"`,
        `a legal name (${fault})`,
      );
      continue;
    }
    const text = isNull(value)
      ? null
      : checker.text(value, `registry.${type}`, "a module, or ~ for a built-in service");
    if (text !== undefined) registry.set(type, { module: text, folder });
  }
  return registry;
}

function readLaunchers(checker: Checker, root: MapNode): RowBlock[] {
  const launchers = root.entries.get("launchers")?.value;
  if (launchers?.kind === "seq") {
    checker.report(launchers, "launchers", showNode(launchers), "a mapping of launcher names", LAUNCHERS_HINT);
    return [];
  }
  const map = checker.map(launchers, "launchers", "a mapping of launcher names");
  const blocks: RowBlock[] = [];
  for (const [name, { keyOffset, value }] of map?.entries ?? []) {
    const path = `launchers.${name}`;
    const place = { source: root.source, offset: keyOffset };
    const fault =
      tokenFault(name) ?? (parseHome(name) && "it is the name of a home, which --launcher would take it for");
    if (fault) checker.report(place, path, `the name "${name}"`, `another name: ${fault}`);
    const block = isNull(value)
      ? checker.report(place, path, "nothing", "a mapping with services")
      : checker.map(value, path, "a mapping with type and services");
    if (!block) continue;
    checker.unknownKeys(block, path, LAUNCHER_KEYS);
    const type = block.entries.get("type")?.value;
    const home = type && !isNull(type) ? readHome(checker, type, `${path}.type`) : undefined;
    const delay = readDelay(checker, block.entries.get("terminate_delay")?.value, `${path}.terminate_delay`);
    const key = `${path}.services`;
    blocks.push({
      name,
      key,
      ...(home && { home }),
      ...(delay !== undefined && { terminateDelayMs: delay }),
      rows: readRows(checker, block.entries.get("services")?.value, key),
    });
  }
  return blocks;
}

function readRows(checker: Checker, node: Node | undefined, key: string): Node[] {
  if (!node || isNull(node)) return [];
  if (node.kind === "seq") return node.items;
  const rows = node.kind === "map" ? rowsOfMapping(node) : undefined;
  if (rows) return rows;
  checker.report(node, key, showNode(node), "a list of services", "put `- ` before each: `- type: hello_world`");
  return [];
}

function readDelay(checker: Checker, node: Node | undefined, key: string): number | undefined {
  if (!node || isNull(node)) return undefined;
  const seconds = checker.number(node, key, { min: 0, max: MAX_TERMINATE_DELAY_SEC });
  return seconds === undefined ? undefined : 1000 * seconds;
}

/** Which blocks `--launcher` chooses, and the home it forces on their rows. */
export interface LauncherChoice {
  blocks: RowBlock[];
  name?: string;
  forcedHome?: Home;
}

/** A home name forces that home on all services; a launcher's name chooses its services; nothing chooses all. */
export function chooseLauncher(checker: Checker, file: FleetFile, launcher: string | undefined): LauncherChoice {
  if (launcher === undefined) return { blocks: file.blocks };
  const forcedHome = parseHome(launcher);
  if (forcedHome) return { blocks: file.blocks, forcedHome };
  const blocks = file.blocks.filter(({ name }) => name === launcher);
  if (blocks.length > 0) return { blocks, name: launcher };
  const names = file.blocks.flatMap(({ name }) => name ?? []);
  const known = [...HOMES, ...names];
  const hint = didYouMean(nearest(launcher, known));
  const issue = { file: "command line", line: 0, column: 0, key: "--launcher", given: JSON.stringify(launcher) };
  checker.issues.push({ ...issue, expected: `one of ${known.join(", ")}`, ...(hint !== undefined && { hint }) });
  // Go on as if nothing was chosen, so that everything else wrong is told as well.
  return { blocks: file.blocks };
}
