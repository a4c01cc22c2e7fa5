// `tcs status --json`, version 1: a stable form for programs. Fields may be added; none is renamed, retyped or removed.
import type { ChildInfo, ServiceInfo } from "../../client/service-info.ts";
import { INVISIBLE } from "../../common/invisible.ts";
import type { Json, JsonObject } from "../../common/json.ts";
import type { StatusView } from "./view.ts";

export interface BrokerInfo {
  /** Addresses, without passwords. */
  servers: string[];
  /** Where the address came from. */
  origin: string;
  subjectPrefix: string;
}

/** How the snapshot was collected. */
export interface Collection {
  milliseconds: number;
  messages: number;
  /** Messages that could not be read. */
  bad: number;
  oddTimestamps: number;
  unknownStatuses: number;
  streams: { name: string; messages: number; bad: number; present: boolean }[];
}

/** Keys as on the wire (snake_case); times in ISO 8601 UTC, durations in seconds; what is not known is left out. */
export function statusJson(
  view: StatusView,
  broker: BrokerInfo,
  collection: Collection | undefined,
  now: number,
): JsonObject {
  const { summary } = view;
  return {
    version: 1,
    time: iso(now),
    overall: {
      status: summary.status,
      healthy: summary.healthy,
      launchers: summary.launchers,
      services: summary.services,
      running: summary.running,
      stopped: summary.stopped,
      counts: { ...summary.counts },
      problems: summary.problems.map(({ serviceId, status, reason }) => ({ service_id: serviceId, status, reason })),
    },
    broker: { servers: broker.servers, origin: broker.origin, subject_prefix: broker.subjectPrefix },
    services: view.shown.map(serviceJson),
    collection: collection && {
      milliseconds: Math.round(collection.milliseconds * 10) / 10,
      messages: collection.messages,
      bad: collection.bad,
      odd_timestamps: collection.oddTimestamps,
      unknown_statuses: collection.unknownStatuses,
      streams: collection.streams.map((stream) => ({ ...stream })),
    },
  };
}

/** JSON text that is harmless on a terminal too: what could control it is escaped. */
export function jsonText(value: Json, indent = 2): string {
  return JSON.stringify(value, undefined, indent).replace(INVISIBLE, (char) => {
    // As JSON has it, by the two halves of a character beyond U+FFFF.
    const halves = char.split("").map((half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, "0")}`);
    return halves.join("");
  });
}

/** One service, as in the list of `services`. */
export function serviceJson(info: ServiceInfo): JsonObject {
  return {
    service_id: info.serviceId,
    type: info.type,
    variant: info.variant,
    kind: info.kind,
    status: info.status,
    reported_status: info.reportedStatus,
    health: info.health,
    reason: info.reason,
    message: info.message,
    status_time: iso(info.statusTime),
    parent: info.parent,
    runner_id: info.runnerId,
    hostname: info.host,
    pid: info.pid,
    start_time: iso(info.startTime),
    ready_time: iso(info.readyTime),
    stop_time: iso(info.stopTime),
    stop_reason: info.stopReason,
    schedule: info.timetable?.schedule,
    last_run: iso(info.timetable?.lastRun),
    next_run: iso(info.timetable?.nextRun),
    target: info.heldBy && "stopped",
    set_by: info.heldBy?.by,
    set_at: iso(info.heldBy?.at),
    set_reason: info.heldBy?.reason,
    exit_code: info.exitCode,
    crash_time: iso(info.crashTime),
    crash_exit_code: info.crashExitCode,
    will_restart: info.willRestart,
    restart_policy: info.restartPolicy,
    restart_count: info.restartCount,
    restart_attempt: info.restartAttempt,
    restart_max: info.restartMax,
    restart_state: info.restartState,
    heartbeat_time: iso(info.heartbeatTime),
    heartbeat_age_seconds: seconds(info.heartbeatAgeSeconds),
    heartbeat_state: info.heartbeatState,
    declared: info.declared,
    declared_time: iso(info.declaredTime),
    ephemeral: info.ephemeral,
    removed: info.removed,
    removed_by: info.removal?.by,
    removed_at: iso(info.removal?.at),
    fresh: info.fresh,
    running: info.running,
    zombie: info.zombie,
    current: info.current,
    uptime_seconds: seconds(info.uptimeSeconds),
    last_seen: iso(info.lastSeen),
    children: info.children.map(childJson),
    metrics: info.metrics,
  };
}

function childJson(child: ChildInfo): JsonObject {
  return {
    name: child.name,
    status: child.status,
    message: child.message,
    time: iso(child.time),
    children: child.children.map(childJson),
  };
}

function iso(time: number | undefined): string | undefined {
  if (time === undefined) return undefined;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

function seconds(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 10) / 10;
}
