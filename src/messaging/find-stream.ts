// Where the messages of one kind are stored.
import type { NatsConnection } from "nats";
import { isJsonObject, type JsonObject } from "../common/json.ts";
import { askJetStream, JsError, streamsOf } from "./jetstream.ts";
import { type Snapshot, type StreamKind, streamName } from "./snapshot.ts";

export interface FoundStream {
  ok: true;
  name: string;
  /** Numbers of its first and last message. */
  firstSeq: number;
  lastSeq: number;
  /** When the broker stored the last one, milliseconds since the epoch; 0 when there is none. */
  lastTime: number;
  /** When the stream was made, as the broker writes it: another stream of the same name has another. */
  created: string;
  /** What it stores. */
  subjects: readonly string[];
}
export type StreamFault = Extract<Snapshot, { ok: false }>;

/** Finds the stream that stores `<prefix>.<kind>.>`; never rejects. */
export async function findStream(
  connection: NatsConnection,
  prefix: string,
  kind: StreamKind,
): Promise<FoundStream | StreamFault> {
  const usual = await askStream(connection, streamName(prefix, kind), WORDS[kind]);
  if (usual.ok || usual.reason !== "no_stream") return usual;
  const found = await streamsOf(connection, `${prefix}.${kind}.>`);
  if (!found.ok) return found;
  const [name] = found.names;
  return name === undefined ? usual : await askStream(connection, name, WORDS[kind]);
}

/** Finds the stream that stores `subject` (wildcards allowed), the first of several; never rejects. */
export async function findStreamOf(connection: NatsConnection, subject: string): Promise<FoundStream | StreamFault> {
  const found = await streamsOf(connection, subject);
  if (!found.ok) return found;
  const [name] = found.names;
  if (name !== undefined) return await askStream(connection, name, subject);
  return { ok: false, reason: "no_stream", message: `no stream on this broker stores ${subject}` };
}

async function askStream(connection: NatsConnection, name: string, what: string): Promise<FoundStream | StreamFault> {
  const answer = await askJetStream(connection, `STREAM.INFO.${name}`);
  if (answer.ok) {
    const state = objectAt(answer.value, "state");
    return {
      ok: true,
      name,
      firstSeq: Number(state.first_seq ?? 0),
      lastSeq: Number(state.last_seq ?? 0),
      // An empty stream tells a time before the epoch.
      lastTime: Math.max(0, Date.parse(String(state.last_ts)) || 0),
      created: String(answer.value.created),
      subjects: textsAt(objectAt(answer.value, "config"), "subjects"),
    };
  }
  if (answer.errCode !== JsError.streamNotFound) return answer;
  return { ok: false, reason: "no_stream", message: `no stream on this broker stores ${what}` };
}

const WORDS = {
  registry: "registry events",
  status: "statuses",
  heartbeat: "heartbeats",
  log: "logs",
} as const satisfies Record<StreamKind, string>;

/** The object at a key of an answer of JetStream; empty when there is none. */
export function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isJsonObject(value) ? value : {};
}

function textsAt(object: JsonObject, key: string): string[] {
  const value = object[key];
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
