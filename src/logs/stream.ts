// The stream that stores published lines: where it is, and whose lines it has.
import type { NatsConnection } from "nats";
import type { JsonObject } from "../common/json.ts";
import { askJetStream, JsError, streamsOf } from "../messaging/jetstream.ts";
import { type Snapshot, streamName } from "../messaging/snapshot.ts";

export interface LogStream {
  ok: true;
  name: string;
  /** Numbers of its first and last message. */
  firstSeq: number;
  lastSeq: number;
}
export type LogStreamFault = Extract<Snapshot, { ok: false }>;

/** Finds the stream of the log under `prefix`; never rejects. */
export async function findLogStream(connection: NatsConnection, prefix: string): Promise<LogStream | LogStreamFault> {
  const usual = await askStream(connection, streamName(prefix, "log"));
  if (usual.ok || usual.reason !== "no_stream") return usual;
  const found = await streamsOf(connection, `${prefix}.log.>`);
  if (!found.ok) return found;
  const [name] = found.names;
  return name === undefined ? usual : await askStream(connection, name);
}

/** Ids that have lines in the stream. */
export async function idsIn(connection: NatsConnection, stream: LogStream, prefix: string): Promise<string[]> {
  const question = { subjects_filter: `${prefix}.log.>` };
  const answer = await askJetStream(connection, `STREAM.INFO.${stream.name}`, question);
  const subjects = answer.ok ? objectAt(objectAt(answer.value, "state"), "subjects") : {};
  const ids = Object.keys(subjects).map((subject) => idOfSubject(subject, prefix));
  return [...new Set(ids)].toSorted();
}

function idOfSubject(subject: string, prefix: string): string {
  const [, ...id] = subject.slice(`${prefix}.log.`.length).split(".");
  return id.join(".");
}

async function askStream(connection: NatsConnection, name: string): Promise<LogStream | LogStreamFault> {
  const answer = await askJetStream(connection, `STREAM.INFO.${name}`);
  if (answer.ok) {
    const state = objectAt(answer.value, "state");
    return { ok: true, name, firstSeq: Number(state.first_seq ?? 0), lastSeq: Number(state.last_seq ?? 0) };
  }
  if (answer.errCode !== JsError.streamNotFound) return answer;
  return { ok: false, reason: "no_stream", message: "no stream on this broker stores logs" };
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
