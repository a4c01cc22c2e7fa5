// Monitoring data as PROTOCOL writes it: pure builders, used by monitors and by whoever speaks for a dead service.
import type { JsonObject } from "../common/json.ts";
import { toWireTimestamp } from "../messaging/timestamp.ts";
import type { StatusReport } from "./report.ts";
import type { Status } from "./status.ts";

/** Who reports: fields of a status message or a heartbeat beside what it says. */
export interface Origin {
  /** Monitor name of the launcher; absent when run by hand. */
  parent?: string;
  pid: number;
  hostname: string;
}

/** A longer message is cut: it must fit a terminal and a broker's message. */
const LONGEST_MESSAGE = 4_000;

export function shorten(message: string): string {
  return message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE - 1)}…`;
}

/** `data` of `<p>.status.<name>`. */
export function statusData(report: StatusReport, origin: Origin): JsonObject {
  return { ...reportData(report), ...originData(origin) };
}

function originData({ parent, pid, hostname }: Origin): JsonObject {
  return { ...(parent === undefined ? {} : { parent }), pid, hostname };
}

function reportData(report: StatusReport): JsonObject {
  const { name, status, message, time, details } = report;
  const data: JsonObject = { name, status, timestamp: toWireTimestamp(time) };
  if (message !== undefined && message !== "") data.message = shorten(message);
  if (details) data.details = detailsData(details);
  return data;
}

function detailsData(details: NonNullable<StatusReport["details"]>): JsonObject {
  const data: JsonObject = {};
  if (details.own_status !== undefined) data.own_status = details.own_status;
  if (details.children) data.children = details.children.map(reportData);
  if (details.children_omitted !== undefined) data.children_omitted = details.children_omitted;
  if (details.metrics) data.metrics = details.metrics;
  return data;
}

export interface Heartbeat {
  name: string;
  status: Status;
  /** When it beats, milliseconds since the epoch. */
  time: number;
  /** From 0, restarts with the service. */
  sequence: number;
  uptimeMs: number;
  /** Time to the next one. */
  intervalMs: number;
  childrenCount: number;
  /** Those that are cheap. */
  metrics?: JsonObject | undefined;
}

/** `data` of `<p>.heartbeat.<name>`. */
export function heartbeatData(beat: Heartbeat, origin: Origin): JsonObject {
  return {
    service_id: beat.name,
    timestamp: toWireTimestamp(beat.time),
    status: beat.status,
    sequence: beat.sequence,
    uptime_seconds: Math.round(beat.uptimeMs) / 1000,
    next_heartbeat_expected: toWireTimestamp(beat.time + beat.intervalMs),
    children_count: beat.childrenCount,
    ...originData(origin),
    ...(beat.metrics ? { metrics: beat.metrics } : {}),
  };
}
