// The edge: wire messages into typed facts. Nothing here throws; what cannot be understood is counted.
// Checked by hand, not by a schema library: this runs 30,000 times for a large fleet, within a status command's 40 ms.
import { isJsonObject, type Json, type JsonObject } from "../common/json.ts";
import { dottedFault } from "../common/names.ts";
import { REGISTRY_EVENTS, type RegistryEvent } from "../messaging/subjects.ts";
import { fromWireTimestamp } from "../messaging/timestamp.ts";
import { isStatus, type Status } from "../monitoring/status.ts";
import type { ChildInfo, HeldBy, TimetableInfo } from "./service-info.ts";

/** A message as read from a stream. */
export interface WireMessage {
  subject: string;
  /** The envelope's `data`. */
  data?: unknown;
  /** Sequence number in its stream. */
  seq: number;
  /** When the broker stored it, milliseconds since the epoch. */
  time: number;
}

/** What was odd in the messages read. */
export interface FoldCounts {
  /** Messages understood. */
  messages: number;
  /** Messages that are none of ours: unknown subject or event, data that is no object. */
  junk: number;
  /** Timestamps missing or unreadable: the broker's time was used. */
  badTimestamps: number;
  /** Timestamps later than the broker received them: the broker's time was used. */
  futureTimestamps: number;
  /** Status values not in the protocol: taken as `unknown`. */
  unknownStatuses: number;
}

export function noCounts(): FoldCounts {
  return { messages: 0, junk: 0, badTimestamps: 0, futureTimestamps: 0, unknownStatuses: 0 };
}

interface Fact {
  seq: number;
  /** When it happened, by the sender's clock if that is credible, milliseconds since the epoch. */
  at: number;
  /** When the broker stored it. */
  arrived: number;
  status?: Status | undefined;
  parent?: string | undefined;
  host?: string | undefined;
  pid?: number | undefined;
}

export interface RegistryFact extends Fact {
  event: RegistryEvent;
  runnerId?: string | undefined;
  reason?: string | undefined;
  /** Of `crashed`: the error, in words. */
  error?: string | undefined;
  exitCode?: number | undefined;
  willRestart?: boolean | undefined;
  restartPolicy?: string | undefined;
  restartCount?: number | undefined;
  restartAttempt?: number | undefined;
  restartMax?: number | null | undefined;
  /** An operator wants it stopped. */
  heldBy?: HeldBy | undefined;
  /** It is declared no more: who has seen to that. */
  removedBy?: string | undefined;
  /** It runs when it is due. */
  timetable?: TimetableInfo | undefined;
}

export interface StatusFact extends Fact {
  status: Status;
  message?: string | undefined;
  /** Without its parts; absent if it does not tell. */
  ownStatus?: Status | undefined;
  children: ChildInfo[];
  metrics: JsonObject;
}

export interface HeartbeatFact extends Fact {
  uptimeSeconds?: number | undefined;
  metrics: JsonObject;
}

export type Subject =
  | { stream: "registry"; event: RegistryEvent; id: string }
  | { stream: "status"; id: string }
  | { stream: "heartbeat"; id: string };

const EVENTS: ReadonlySet<string> = new Set(REGISTRY_EVENTS);
/** A sender's clock may be this far ahead of the broker's before it is not believed, milliseconds. */
const CLOCK_TOLERANCE_MS = 5_000;
/**
 * A heartbeat is sent at once, or within seconds when the broker is back: one that is older when it arrives, milliseconds,
 * tells that its sender's clock is behind, not that nobody lives.
 */
const OLDEST_BEAT_MS = 30_000;
const LONGEST_TEXT = 4_096;
const LONGEST_NAME = 512;
/** Of one service, in all. */
const MOST_CHILDREN = 1_000;
const DEEPEST_CHILD = 8;

/** What a subject under `prefix` speaks of; undefined for one that is not of the protocol. */
export function parseSubject(prefix: string, subject: string): Subject | undefined {
  if (!subject.startsWith(`${prefix}.`)) return undefined;
  const [stream, rest] = splitFirst(subject.slice(prefix.length + 1));
  if (rest === "") return undefined;
  if (stream === "status" || stream === "heartbeat") return isId(rest) ? { stream, id: rest } : undefined;
  if (stream !== "registry") return undefined;
  const [event, id] = splitFirst(rest);
  return isEvent(event) && isId(id) ? { stream, event, id } : undefined;
}

/** The broker lets anybody publish to a subject with wildcards in it; white space it takes for the end of a subject. */
function isId(text: string): boolean {
  return text !== "" && text.length <= LONGEST_NAME && !ODD_ID.test(text);
}

const ODD_ID = /[*>]|\.\.|\.$/;

export function registryFact(event: RegistryEvent, data: JsonObject, message: WireMessage, counts: FoldCounts) {
  const max = data.max_restarts;
  return {
    ...fact(data, message, counts),
    event,
    runnerId: text(data.runner_id),
    reason: text(data.reason),
    error: text(data.message),
    exitCode: integer(data.exit_code),
    willRestart: typeof data.will_restart === "boolean" ? data.will_restart : undefined,
    restartPolicy: text(data.restart_policy),
    restartCount: integer(data.restart_count),
    restartAttempt: integer(data.restart_attempt),
    // 0 and null both mean unlimited on the wire.
    restartMax: max === null || max === 0 ? null : integer(max),
    heldBy: heldBy(data),
    removedBy: text(data.removed_by),
    timetable: timetable(data),
  } satisfies RegistryFact;
}

function heldBy(data: JsonObject): HeldBy | undefined {
  if (data.target !== "stopped") return undefined;
  return { by: text(data.set_by) ?? "unknown", at: fromWireTimestamp(data.set_at), reason: text(data.set_reason) };
}

function timetable(data: JsonObject): TimetableInfo | undefined {
  const schedule = text(data.schedule);
  if (schedule === undefined) return undefined;
  return { schedule, nextRun: fromWireTimestamp(data.next_run), lastRun: fromWireTimestamp(data.last_run) };
}

export function statusFact(data: JsonObject, message: WireMessage, counts: FoldCounts): StatusFact {
  const details = object(data.details);
  const common = fact(data, message, counts);
  return {
    ...common,
    status: common.status ?? "unknown",
    message: text(data.message),
    ownStatus: status(details?.own_status, counts),
    children: children(details?.children, counts, { left: MOST_CHILDREN }, 0),
    metrics: object(details?.metrics) ?? {},
  };
}

export function heartbeatFact(data: JsonObject, message: WireMessage, counts: FoldCounts): HeartbeatFact {
  const uptime = data.uptime_seconds;
  const common = fact(data, message, counts);
  return {
    ...common,
    at: common.at < common.arrived - OLDEST_BEAT_MS ? common.arrived : common.at,
    uptimeSeconds: typeof uptime === "number" && Number.isFinite(uptime) && uptime >= 0 ? uptime : undefined,
    metrics: object(data.metrics) ?? {},
  };
}

/** `value` as a JSON object, or undefined if it is none. */
export function object(value: unknown): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

function fact(data: JsonObject, message: WireMessage, counts: FoldCounts): Fact {
  const pid = integer(data.pid);
  return {
    seq: message.seq,
    at: happenedAt(data.timestamp, message.time, counts),
    arrived: message.time,
    status: status(data.status, counts),
    parent: parentName(data.parent),
    host: text(data.hostname),
    pid: pid !== undefined && pid > 0 ? pid : undefined,
  };
}

/** Names that were found to be legal: few, each in many messages. */
const knownParents = new Set<string>();
const MOST_KNOWN_PARENTS = 1_000;

/** A name that could be in no subject is nobody's. */
function parentName(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  if (knownParents.has(value)) return value;
  if (value.length > LONGEST_NAME || dottedFault(value)) return undefined;
  if (knownParents.size < MOST_KNOWN_PARENTS) knownParents.add(value);
  return value;
}

function happenedAt(timestamp: unknown, arrived: number, counts: FoldCounts): number {
  const own = fromWireTimestamp(timestamp);
  if (own === undefined) {
    counts.badTimestamps++;
    return arrived;
  }
  if (own <= arrived + CLOCK_TOLERANCE_MS) return own;
  counts.futureTimestamps++;
  return arrived;
}

function status(value: unknown, counts: FoldCounts): Status | undefined {
  if (isStatus(value)) return value;
  if (value === undefined || value === null) return undefined;
  counts.unknownStatuses++;
  return "unknown";
}

function children(value: Json | undefined, counts: FoldCounts, budget: { left: number }, depth: number): ChildInfo[] {
  if (!Array.isArray(value) || depth > DEEPEST_CHILD) return [];
  const found: ChildInfo[] = [];
  for (const item of value) {
    if (budget.left === 0) break;
    const child = object(item);
    const name = text(child?.name);
    if (!child || !name) continue;
    budget.left -= 1;
    const details = object(child.details);
    found.push({
      name,
      status: status(child.status, counts) ?? "unknown",
      ownStatus: status(details?.own_status, counts),
      message: text(child.message),
      time: fromWireTimestamp(child.timestamp),
      children: children(details?.children ?? child.children, counts, budget, depth + 1),
    });
  }
  return found;
}

function text(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  return value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value;
}

function integer(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? Number(value) : undefined;
}

function isEvent(word: string): word is RegistryEvent {
  return EVENTS.has(word);
}

function splitFirst(dotted: string): [string, string] {
  const dot = dotted.indexOf(".");
  return dot < 0 ? [dotted, ""] : [dotted.slice(0, dot), dotted.slice(dot + 1)];
}
