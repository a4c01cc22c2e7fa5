// A line of a log: as it is in a file, on the wire, and in a reader's hands.
import type { Json, JsonObject } from "../common/json.ts";
import { LOG_LEVELS, type LogLevel, type LogRecord } from "../common/logger.ts";
import { fromWireTimestamp, toWireTimestamp } from "../messaging/timestamp.ts";

/** A record, and whose it is: the id of a service, or of a launcher's monitor. */
export interface LogLine {
  id: string;
  record: LogRecord;
  /** Host of the launcher; known for lines from the wire. */
  hostname?: string;
}

/** Longer messages are cut, characters: a line must not fill a file, a channel or a memory. */
const LONGEST_MESSAGE = 64 * 1024;
/** The same for what is published. */
const LONGEST_PUBLISHED = 4_000;
/** Bounds of `log_tail` in a `crashed` event. */
const TAIL_LINES = 20;
const TAIL_CHARACTERS = 8_000;

/** The record with a message of bounded length. */
export function cutMessage(record: LogRecord, longest = LONGEST_MESSAGE): LogRecord {
  const { length } = record.message;
  if (length <= longest) return record;
  return { ...record, message: `${record.message.slice(0, longest)}… [cut: ${length} characters]` };
}

/** One line of a file, with its line end. */
export function toFileLine(id: string, { time, level, source, message }: LogRecord): string {
  const head = { time: new Date(time).toISOString(), level, source, message };
  return `${JSON.stringify(source === id ? head : { ...head, service: id })}\n`;
}

/** Reads a line of a file; undefined when it is not one (half a line, from a crash of the machine). */
export function fromFileLine(text: string): LogLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What is not JSON was not written by us, or not to its end.
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { time, level, source, message, service } = value as Record<string, unknown>;
  const at = typeof time === "string" ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(at) || typeof source !== "string" || typeof message !== "string") return undefined;
  const id = typeof service === "string" ? service : source;
  return { id, record: { time: at, level: levelOf(level), source, message } };
}

/** The record as it is published: many lines must fit a stream. */
export function cutForWire(record: LogRecord): LogRecord {
  return cutMessage(record, LONGEST_PUBLISHED);
}

/** `data` of a published line. */
export function toWireLine(id: string, record: LogRecord, hostname: string): JsonObject {
  const { time, level, source, message } = record;
  const from = source === id ? {} : { source };
  return { service_id: id, timestamp: toWireTimestamp(time), level, message, ...from, hostname };
}

/** @param received when the broker stored it: the time of a line that does not tell its own */
export function fromWireLine(data: JsonObject, received: number): LogLine | undefined {
  const { service_id: id, timestamp, level, message, source, hostname } = data;
  if (typeof id !== "string" || typeof message !== "string") return undefined;
  const record: LogRecord = {
    time: fromWireTimestamp(timestamp) ?? received,
    level: levelOf(level),
    source: typeof source === "string" ? source : id,
    message,
  };
  return { id, record, ...(typeof hostname === "string" ? { hostname } : {}) };
}

/** The last of `records` as they go with a `crashed` event: at most 20 lines and 8 KB. */
export function tailJson(records: readonly LogRecord[]): Json[] {
  const tail: Json[] = [];
  let room = TAIL_CHARACTERS;
  for (const { time, level, message } of records.slice(-TAIL_LINES).toReversed()) {
    const cut = message.length > 1_000 ? `${message.slice(0, 1_000)}…` : message;
    const entry = { timestamp: toWireTimestamp(time), level, message: cut };
    room -= Buffer.byteLength(JSON.stringify(entry));
    if (room < 0) break;
    tail.push(entry);
  }
  return tail.reverse();
}

function levelOf(value: unknown): LogLevel {
  return LOG_LEVELS.find((level) => level === value) ?? "info";
}
