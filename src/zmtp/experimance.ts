// Messages as Experimance services send them: `<topic> <json>` in one frame, tasks as JSON alone, heartbeats.
import { isJsonObject } from "../common/json.ts";
import { ZmtpMessageError, ZmtpUsageError } from "./errors.ts";

/** A message: an object, by custom with a `type`. */
export type JsonMessage = Record<string, unknown>;

export interface TopicMessage {
  /** Empty if the frame has none. */
  topic: string;
  message: JsonMessage;
}

/** What a service publishes to show that it lives. */
export interface Heartbeat extends JsonMessage {
  type: "Heartbeat";
  /** Seconds since the epoch. */
  timestamp: number;
  service: string;
  state: string;
}

/** How often a heartbeat is sent by custom, milliseconds. */
export const HEARTBEAT_INTERVAL_MS = 5_000;

/** How much of a bad message is shown. */
const SHOWN = 60;

/** The frame of a message on a topic. @throws ZmtpUsageError for a topic with a blank, which would not be found again */
export function encodeTopicMessage(topic: string, message: JsonMessage): string {
  checkTopic(topic);
  return `${topic} ${JSON.stringify(message)}`;
}

/** Splits a frame at its first blank; one without a blank has no topic. @throws ZmtpMessageError */
export function decodeTopicMessage(frame: Buffer): TopicMessage {
  const text = frame.toString();
  // A message without a topic may have blanks in its JSON.
  const blank = text.startsWith("{") ? -1 : text.indexOf(" ");
  return { topic: blank < 0 ? "" : text.slice(0, blank), message: parse(text.slice(blank + 1)) };
}

/** The frame of a task, or of a result. */
export function encodeTask(message: JsonMessage): string {
  return JSON.stringify(message);
}

/** @throws ZmtpMessageError */
export function decodeTask(frame: Buffer): JsonMessage {
  return parse(frame.toString());
}

export function heartbeat(service: string, state: string, timestamp = Date.now() / 1000): Heartbeat {
  return { type: "Heartbeat", timestamp, service, state };
}

/** @throws ZmtpUsageError */
export function checkTopic(topic: string): void {
  if (topic === "" || /\s/u.test(topic) || topic.startsWith("{")) {
    throw new ZmtpUsageError(`topic ${JSON.stringify(topic)}: expected a word without blanks`);
  }
}

function parse(text: string): JsonMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ZmtpMessageError(`expected a JSON object, got ${shown(text)}`, { cause });
  }
  if (!isJsonObject(value)) throw new ZmtpMessageError(`expected a JSON object, got ${shown(text)}`);
  return value;
}

function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
