// What differs between the fleet that runs and the one that its file asks for now: a pure function.
import { environmentPrefix } from "../../config/environment-name.ts";
import { changedNames, type FleetReading } from "../../config/fleet-source.ts";
import { differing, fieldOf } from "../../config/row-difference.ts";
import type { ModuleRef, NatsSettings, RestartSettings, ServiceRow } from "../../config/types.ts";

/**
 * `restart`: it is stopped and started with its new row. `live`: it runs on. `told`: it runs on, and is told its new values.
 * `next run`: a periodic service takes its new row when it runs next; a run that goes on is not disturbed. `next start`: it
 * does not run, and is not to, or its row says so (`config_reload: ignore`), or only its unit of systemd is another.
 */
export type Effect = "restart" | "live" | "told" | "next run" | "next start";

export interface RowChange {
  before: ServiceRow;
  row: ServiceRow;
  /** What differs, as it is called in the file (`interval`, `restart_sec`) or in the environment. */
  keys: string[];
  effect: Effect;
}

export interface FleetChange {
  added: ServiceRow[];
  removed: ServiceRow[];
  changed: RowChange[];
  /** Rows that mean the same as before, as they stand in the file now. */
  unchanged: ServiceRow[];
  /** What differs and can only be had by a new launcher, as the file calls it: then nothing may be applied. */
  refused: string[];
  /** What else differs, in words. */
  notes: string[];
}

/** What a row says about when and how often its service is started: the service itself need not know. */
const LIVE: ReadonlySet<string> = new Set<keyof ServiceRow>([
  "restart",
  "timetable",
  "after",
  "standby",
  "configReload",
]);
/** A service's own values: it may take others while it runs. */
const OWN: ReadonlySet<string> = new Set<keyof ServiceRow>(["fields", "texts", "overrides"]);
/** What makes no difference to a service. */
const PLACE: ReadonlySet<string> = new Set<keyof ServiceRow>(["position", "ifKnown"]);

export function fleetChange(before: FleetReading, after: FleetReading): FleetChange {
  const variables = changedNames(before.env, after.env);
  const known = new Map(before.fleet.services.map((row) => [row.id, row]));
  const wanted = new Set(after.fleet.services.map(({ id }) => id));
  const change: FleetChange = {
    added: [],
    removed: before.fleet.services.filter(({ id }) => !wanted.has(id)),
    changed: [],
    unchanged: [],
    refused: refusals(before, after),
    notes: notes(before, after, variables),
  };
  for (const row of after.fleet.services) {
    const old = known.get(row.id);
    if (!old) {
      change.added.push(row);
      continue;
    }
    const own = variables.filter((name) => name.startsWith(environmentPrefix(row.type)));
    const properties = changedProperties(old, row);
    const keys = [...new Set([...properties.flatMap((property) => keysOf(property, old, row)), ...own])];
    if (keys.length === 0) change.unchanged.push(row);
    else
      change.changed.push({
        before: old,
        row,
        keys,
        effect: effectOf(old, row, own.length > 0 ? [...properties, "fields"] : properties),
      });
  }
  return change;
}

/** The same for a fleet of which some services are not to run here now, whatever their rows say. */
export function withoutIdle(change: FleetChange, isIdle: (id: string) => boolean): FleetChange {
  const changed = change.changed.map((one): RowChange => {
    return one.effect !== "live" && isIdle(one.row.id) ? { ...one, effect: "next start" } : one;
  });
  return { ...change, changed };
}

/** True when nothing is to be done. */
export function isEmpty({ added, removed, changed }: FleetChange): boolean {
  return added.length + removed.length + changed.length === 0;
}

/** @param properties those of the row that differ */
function effectOf(before: ServiceRow, row: ServiceRow, properties: readonly string[]): Effect {
  // It has become periodic, or has ceased to be.
  if ((before.timetable === undefined) !== (row.timetable === undefined)) return "restart";
  if (properties.every((property) => LIVE.has(property))) {
    // systemd restarts it, and reads its unit at its start.
    return row.home === "systemd" && properties.includes("restart") ? "next start" : "live";
  }
  if (row.home !== "exec" && properties.every((property) => LIVE.has(property) || OWN.has(property))) {
    if (row.configReload === "ignore") return "next start";
    if (row.configReload !== "restart") return "told";
  }
  return row.timetable ? "next run" : "restart";
}

function changedProperties(before: ServiceRow, row: ServiceRow): string[] {
  return differing(before, row).filter((property) => !PLACE.has(property));
}

function keysOf(property: string, before: ServiceRow, row: ServiceRow): string[] {
  switch (property) {
    case "restart":
      return differing(before.restart, row.restart).map((name) => KEYS[name] ?? name);
    case "timetable":
      return before.timetable && row.timetable ? differing(before.timetable, row.timetable) : ["schedule"];
    case "fields":
    case "overrides":
      return differing(before[property], row[property]);
    case "module":
      return moduleKeys(before.module, row.module);
    case "texts":
      // The text of a field that was one variable, as `limits.max`.
      return differing(before.texts ?? {}, row.texts ?? {}).map(fieldOf);
    default:
      return [KEYS[property] ?? property];
  }
}

/** Of a foreign program each part is a key of its own. */
function moduleKeys(before: ModuleRef, module: ModuleRef): string[] {
  if (before.kind !== "program" || module.kind !== "program") return ["module"];
  return differing(before, module).filter((name) => name !== "written");
}

/** Where the file has another word for it. */
const KEYS: Readonly<Record<string, string>> = {
  home: "launcher",
  configReload: "config_reload",
  watchdogMs: "watchdog_sec",
  logLevel: "log_level",
  runnerId: "runner_id",
  policy: "restart",
  delayMs: "restart_sec",
  max: "restart_max",
  windowMs: "restart_window",
  backoff: "restart_backoff",
  maxDelayMs: "restart_sec_max",
} satisfies Partial<Record<keyof ServiceRow | keyof RestartSettings, string>>;

function refusals({ fleet: before }: FleetReading, { fleet: after }: FleetReading): string[] {
  const refused: string[] = [];
  if (!Bun.deepEquals(addressOf(before.nats), addressOf(after.nats), true)) refused.push("nats");
  if (before.subjectPrefix !== after.subjectPrefix) refused.push("nats.subject_prefix");
  if (before.configSubject !== after.configSubject) refused.push("nats.config_subject");
  if (before.launcher.leaseMs !== after.launcher.leaseMs) refused.push("lease_sec");
  return refused;
}

/** Where it was said does not matter, and the prefix is told by itself. */
function addressOf(nats: NatsSettings | undefined): Partial<NatsSettings> {
  const { origin: _, subjectPrefix: __, ...address } = nats ?? {};
  return address;
}

function notes({ fleet: before }: FleetReading, { fleet: after }: FleetReading, variables: string[]): string[] {
  const found: string[] = [];
  const [delay, newDelay] = [before.launcher.terminateDelayMs, after.launcher.terminateDelayMs];
  if (delay !== newDelay) {
    found.push(
      `terminate_delay: ${newDelay / 1000} s instead of ${delay / 1000} s, for services that start from now on`,
    );
  }
  if (before.launcher.home !== after.launcher.home) {
    found.push(`the launcher keeps "${before.launcher.home}" in its name until it is started again`);
  }
  const later = (["logs", "metrics"] as const).filter((key) => !Bun.deepEquals(before[key], after[key], true));
  if (later.length > 0) found.push(`${later.join(" and ")}: what changed counts when the launcher is started again`);
  const prefixes = after.services.map(({ type }) => environmentPrefix(type));
  const others = variables.filter((name) => !prefixes.some((prefix) => name.startsWith(prefix)));
  if (others.length > 0) {
    found.push(`.env: ${others.join(", ")} changed; services that read it themselves see it when they start next`);
  }
  return found;
}
