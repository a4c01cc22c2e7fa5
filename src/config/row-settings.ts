// How a service row is to be run, and the fields that are the service's own.
import { LOG_LEVELS, type LogLevel, parseLogLevel } from "../common/logger.ts";
import { dottedFault, tokenFault } from "../common/names.ts";
import { nearest } from "../common/nearest.ts";
import type { Schedule } from "../common/schedule.ts";
import { type Checker, join, showNode } from "./checker.ts";
import { didYouMean, showValue } from "./errors.ts";
import { homeHint } from "./older-forms.ts";
import type { RowHead } from "./row-head.ts";
import { readSchedule } from "./row-schedule.ts";
import { isNull, type MapNode, type Node } from "./source-tree.ts";
import {
  CONFIG_RELOADS,
  type ConfigReload,
  HOMES,
  type Home,
  MISSED_RUNS,
  type MissedRuns,
  OVERLAPS,
  type Overlap,
  PROGRAM_KEYS,
  RESTART_POLICIES,
  type RestartPolicy,
  ROW_KEYS,
} from "./types.ts";

const SHORTEST_WATCHDOG_SEC = 1;
/** Longest duration, seconds: fits a timer. */
export const MAX_SECONDS = 1_000_000;

/** How a service is run: what one place says of it (the row, `defaults:`, or the command line). */
export interface RunSettings {
  home?: Home | undefined;
  group?: string | undefined;
  policy?: RestartPolicy | undefined;
  delayMs?: number | undefined;
  max?: number | undefined;
  windowMs?: number | undefined;
  backoff?: number | undefined;
  maxDelayMs?: number | undefined;
  schedule?: Schedule | undefined;
  overlap?: Overlap | undefined;
  missed?: MissedRuns | undefined;
  watchdogMs?: number | undefined;
  standby?: boolean | undefined;
  configReload?: ConfigReload | undefined;
  logLevel?: LogLevel | undefined;
  runnerId?: string | undefined;
}

/**
 * Reads the settings of one place.
 * @param at the value of a key, undefined if it is not there
 * @param key path of the place, as `services[2]`
 */
export function readSettings(checker: Checker, at: (name: string) => Node | undefined, key: string): RunSettings {
  const read = <T>(name: string, reader: (value: Node, key: string) => T | undefined): T | undefined => {
    const value = at(name);
    return value === undefined || isNull(value) ? undefined : reader(value, join(key, name));
  };
  const milliseconds = (value: Node, path: string) => {
    const seconds = checker.number(value, path, { min: 0, max: MAX_SECONDS });
    return seconds === undefined ? undefined : 1000 * seconds;
  };
  const token = (expected: string, fault: (text: string) => string | undefined) => (value: Node, path: string) =>
    readToken(checker, value, path, expected, fault);
  return {
    home: read("launcher", (value, path) => readHome(checker, value, path)),
    group: read("group", token("a legal group name", tokenFault)),
    policy: read("restart", (value, path) => readPolicy(checker, value, path)),
    delayMs: read("restart_sec", milliseconds),
    max: read("restart_max", (value, path) => checker.number(value, path, { min: 0, max: 1_000_000, integer: true })),
    windowMs: read("restart_window", milliseconds),
    backoff: read("restart_backoff", (value, path) => checker.number(value, path, { min: 1, max: 100 })),
    maxDelayMs: read("restart_sec_max", milliseconds),
    schedule: read("schedule", (value, path) => readSchedule(checker, value, path)),
    overlap: read("overlap", (value, path) => readWord(checker, value, path, OVERLAPS)),
    missed: read("missed", (value, path) => readWord(checker, value, path, MISSED_RUNS)),
    watchdogMs: read("watchdog_sec", (value, path) => readWatchdog(checker, value, path)),
    standby: read("standby", (value, path) => checker.boolean(value, path)),
    configReload: read("config_reload", (value, path) => readWord(checker, value, path, CONFIG_RELOADS)),
    logLevel: read("log_level", (value, path) => readLogLevel(checker, value, path)),
    runnerId: read("runner_id", token("a legal runner id", dottedFault)),
  };
}

/** The service's own fields, as plain values, with the texts of those that were variables. */
export function readFields(checker: Checker, { node, key }: RowHead) {
  const fields: [string, unknown][] = [];
  const texts: Record<string, string> = {};
  for (const [name, entry] of node.entries) {
    if (isRowKey(name, node)) continue;
    fields.push([name, checker.plain(entry.value, `${key}.${name}`, name, texts)]);
  }
  return { fields: Object.fromEntries(fields), texts };
}

/** Whether `name` is a setting of tcs in the row `node`. */
function isRowKey(name: string, node: MapNode): boolean {
  const known: readonly string[] = node.entries.has("command") ? [...ROW_KEYS, ...PROGRAM_KEYS] : ROW_KEYS;
  return known.includes(name);
}

/** A home by its name in configuration or on the command line. */
export function parseHome(text: string): Home | undefined {
  return text === "asyncio" ? "inline" : HOMES.find((home) => home === text);
}

export function readHome(checker: Checker, node: Node, key: string): Home | undefined {
  const text = checker.text(node, key, `one of ${HOMES.join(", ")}`);
  const home = text === undefined ? undefined : parseHome(text);
  if (home || text === undefined) return home;
  const hint = homeHint(text) ?? didYouMean(nearest(text, HOMES));
  return checker.report(node, key, showValue(text), `one of ${HOMES.join(", ")}`, hint);
}

export function readLogLevel(checker: Checker, node: Node, key: string): LogLevel | undefined {
  const expected = `one of ${LOG_LEVELS.join(", ")}`;
  const text = checker.text(node, key, expected);
  if (text === undefined) return undefined;
  return (
    parseLogLevel(text) ?? checker.report(node, key, showValue(text), expected, didYouMean(nearest(text, LOG_LEVELS)))
  );
}

/** Seconds; 0 for no watchdog. Shorter ones would take a busy computer for a hung service. */
function readWatchdog(checker: Checker, node: Node, key: string): number | undefined {
  const seconds = checker.number(node, key, { min: 0, max: MAX_SECONDS });
  if (seconds === undefined) return undefined;
  if (seconds === 0 || seconds >= SHORTEST_WATCHDOG_SEC) return seconds * 1000;
  return checker.report(node, key, showNode(node), `0, or at least ${SHORTEST_WATCHDOG_SEC} second`);
}

function readWord<T extends string>(checker: Checker, node: Node, key: string, words: readonly T[]): T | undefined {
  const expected = `one of ${words.join(", ")}`;
  const text = checker.text(node, key, expected);
  if (text === undefined) return undefined;
  const word = words.find((known) => known === text.toLowerCase());
  return word ?? checker.report(node, key, showValue(text), expected, didYouMean(nearest(text, words)));
}

function readPolicy(checker: Checker, node: Node, key: string) {
  // Older YAML readers made false of an unquoted `no`, and people write it so.
  if (node.kind === "scalar" && node.value === false) return "no";
  return readWord(checker, node, key, RESTART_POLICIES);
}

function readToken(
  checker: Checker,
  node: Node,
  key: string,
  expected: string,
  fault: (text: string) => string | undefined,
): string | undefined {
  const text = checker.text(node, key, expected);
  const wrong = text === undefined ? undefined : fault(text);
  return wrong === undefined ? text : checker.report(node, key, showValue(text), `${expected} (${wrong})`);
}
