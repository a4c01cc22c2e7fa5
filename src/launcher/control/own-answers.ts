// What a launcher answers of itself, from what its services are. Pure, but for the figures of its process.
import type { JsonObject } from "../../common/json.ts";
import { VERSION } from "../../common/version.ts";
import type { FleetConfig } from "../../config/types.ts";
import { toWireTimestamp } from "../../messaging/timestamp.ts";
import { aggregateStatus } from "../../monitoring/index.ts";
import type { LauncherName } from "../launcher-id.ts";
import type { ServiceRunner } from "../service-runner.ts";
import { listEntry } from "./replies.ts";

/** What there is to tell of a launcher. */
export interface OwnStanding {
  name: LauncherName;
  hostname: string;
  /** The configuration as it counts now, and its absolute path. */
  fleet: FleetConfig;
  file: string;
  runners: readonly ServiceRunner[];
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** How many were carried out. */
  orders: number;
  /** What it can be asked, as `list`, `start.<id>`. */
  commands: readonly string[];
}

/** The commands by which it is asked. */
export const OWN_ANSWERS: ReadonlyMap<string, (standing: OwnStanding) => JsonObject> = new Map([
  ["list", list],
  ["describe", describe],
  ["health", health],
  ["stats", stats],
]);

function list({ name, hostname, fleet, runners }: OwnStanding): JsonObject {
  return {
    launcher_id: name.id,
    timestamp: toWireTimestamp(),
    name: name.monitorName,
    hostname,
    terminate_delay_seconds: fleet.launcher.terminateDelayMs / 1000,
    services: runners.map(listEntry),
  };
}

function describe({ name, hostname, fleet, file, runners, startedAt, commands }: OwnStanding): JsonObject {
  return {
    launcher_id: name.id,
    timestamp: toWireTimestamp(),
    name: name.monitorName,
    hostname,
    pid: process.pid,
    version: VERSION,
    started: toWireTimestamp(startedAt),
    uptime_seconds: Math.round(process.uptime() * 10) / 10,
    config_file: file,
    ...(fleet.launcher.name === undefined ? {} : { part: fleet.launcher.name }),
    home: fleet.launcher.home,
    terminate_delay_seconds: fleet.launcher.terminateDelayMs / 1000,
    subject_prefix: fleet.subjectPrefix,
    services: runners.length,
    running: running(runners),
    commands: [...commands],
  };
}

function health({ name, runners }: OwnStanding): JsonObject {
  const ours = runners.filter(({ elsewhere }) => !elsewhere);
  const wanted = ours.filter(({ heldBy }) => !heldBy);
  return {
    service_id: name.monitorName,
    status: aggregateStatus(["ok", ...wanted.map(({ status }) => status.status)]),
    timestamp: toWireTimestamp(),
    checks: Object.fromEntries(ours.map(({ id, status }) => [id, status.status])),
  };
}

function stats({ name, runners, orders }: OwnStanding): JsonObject {
  const sum = (event: "start" | "crashed" | "restarting") =>
    runners.reduce((total, { events }) => total + events.story.count(event), 0);
  return {
    service_id: name.monitorName,
    timestamp: toWireTimestamp(),
    uptime_seconds: Math.round(process.uptime() * 1000) / 1000,
    stats: {
      services: runners.length,
      running: running(runners),
      starts: sum("start"),
      crashes: sum("crashed"),
      restarts: sum("restarting"),
      counters: { orders },
      memory_rss_bytes: process.memoryUsage.rss(),
    },
  };
}

function running(runners: readonly ServiceRunner[]): number {
  return runners.filter(({ state }) => state === "running").length;
}
