// The settings of a service row as JSON Schema, with what they mean and what they are where nothing is said. One entry
// for each of ROW_KEYS: the compiler sees to it.
import { isJsonObject, type JsonObject } from "../../common/json.ts";
import { LOG_LEVELS } from "../../common/logger.ts";
import type { SCHEDULE_KEYS } from "../row-schedule.ts";
import { MAX_SECONDS } from "../row-settings.ts";
import {
  CONFIG_RELOADS,
  HOMES,
  MISSED_RUNS,
  OVERLAPS,
  type PROGRAM_KEYS,
  RESTART_POLICIES,
  type ROW_KEYS,
} from "../types.ts";
import { anyOf, boolean, DOTTED, mapping, number, oneOrMore, TOKEN, text, UNDOTTED, word } from "./forms.ts";

export type RowKey = (typeof ROW_KEYS)[number];

const SECONDS = { min: 0, max: MAX_SECONDS };
const VARIANT = "Which one of its type: the second part of the service's id";

const SCHEDULE_SCHEMAS = {
  cron: text({ description: "A cron expression: minute hour day month weekday" }),
  timezone: text({ description: "IANA time zone of the cron expression, as America/Santiago", default: "UTC" }),
  every: text({ description: "A duration: 30s, 5m, 1h30m" }),
} satisfies Record<(typeof SCHEDULE_KEYS)[number], JsonObject>;

const LEVEL = { description: "What of its log is written: this level and all above it", default: "info" };
/** `restart: no` is false to older YAML readers. */
const NO = { const: false };

export const ROW_KEY_SCHEMAS = {
  type: text(
    { description: "Type of the service: its file is <type>.ts, unless module or registry say otherwise" },
    DOTTED,
  ),
  variant: text({ description: VARIANT, default: "main" }, UNDOTTED),
  instance_context: text({ description: `${VARIANT} (older name of variant)` }, UNDOTTED),
  instance: text({ description: `${VARIANT} (older name of variant)` }, UNDOTTED),
  module: text({ description: "The service's file, relative to this one, if it is not where tcs looks by itself" }),
  command: {
    description: "A foreign program instead of a service of tcs: the program, then each of its arguments",
    type: "array",
    minItems: 1,
    items: { type: ["string", "number", "boolean"] },
  },
  launcher: word(
    { description: "Where it runs: a thread or a process of its own, or the launcher's own loop", default: "worker" },
    HOMES,
    ["asyncio"],
  ),
  group: text({ description: "Services of one group share one thread or process" }, TOKEN),
  restart: anyOf(
    { description: "After which ends it is started again", default: "no" },
    word({ description: "" }, RESTART_POLICIES),
    NO,
  ),
  restart_sec: number({ description: "Seconds before a restart", default: 5 }, SECONDS),
  restart_max: number(
    { description: "Restarts allowed within restart_window; 0: without limit", default: 0 },
    { min: 0, max: 1_000_000, integer: true },
  ),
  restart_window: number(
    { description: "Seconds over which restarts are counted; a service that ran this long begins anew", default: 60 },
    SECONDS,
  ),
  restart_backoff: number(
    { description: "Factor by which the delay grows with each restart in a row", default: 1 },
    { min: 1, max: 100 },
  ),
  restart_sec_max: number({ description: "Longest delay, seconds, when it grows", default: 300 }, SECONDS),
  overlap: word(
    { description: "What happens with a run that is due while the last goes on", default: "skip" },
    OVERLAPS,
  ),
  missed: word(
    { description: "What happens with runs that were due while nobody could start them", default: "skip" },
    MISSED_RUNS,
  ),
  watchdog_sec: number(
    { description: "Seconds of a silent event loop after which it is ended and restarted; 0: never" },
    SECONDS,
  ),
  standby: boolean({
    description: "Runs elsewhere as a rule: starts here when no other launcher has it",
    default: false,
  }),
  config_reload: word(
    { description: "What new values do to a service that runs; by default it says that itself" },
    CONFIG_RELOADS,
  ),
  log_level: word(LEVEL, LOG_LEVELS, ["warn", "fatal"]),
  schedule: anyOf(
    { description: "When it runs: a cron expression as `0 12 * * *`, or `every 30s`" },
    text({ description: "" }),
    mapping({ description: "" }, SCHEDULE_SCHEMAS),
  ),
  after: oneOrMore(
    { description: "Ids of the services that must be ready before it starts" },
    { type: "string", minLength: 1 },
  ),
  runner_id: text({ description: "Name of its runner on NATS" }, DOTTED),
} satisfies Record<RowKey, JsonObject>;

export const PROGRAM_KEY_SCHEMAS = {
  cwd: text({ description: "Working directory of the program, relative to this file", default: "." }),
  env: {
    description: "Variables added to the environment of the program",
    type: ["object", "null"],
    additionalProperties: { type: ["string", "number", "boolean"] },
  },
} satisfies Record<(typeof PROGRAM_KEYS)[number], JsonObject>;

/** What a setting of a row is where nothing is said; undefined where that is nothing at all. */
export function rowDefault(key: string): string | number | boolean | undefined {
  const schemas: JsonObject = ROW_KEY_SCHEMAS;
  const schema = schemas[key];
  const value = isJsonObject(schema) ? schema.default : undefined;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : undefined;
}
