// The streams of PROTOCOL: made when missing, left alone when there.
import type { NatsConnection } from "nats";
import { isJsonObject, type JsonObject } from "../common/json.ts";
import { askJetStream, type JetStreamFault, JsError, streamsOf } from "../messaging/jetstream.ts";
import { type StreamKind, streamName } from "../messaging/snapshot.ts";

/** What became of one stream. */
export type StreamOutcome = { kind: StreamKind; subject: string } & (
  | {
      /** `partial`: an operator's stream stores some of the subject, and ours may not overlap it. */
      state: "exists" | "partial";
      /** The stream that stores it; the operator may have named it differently. */
      stream: string;
    }
  | {
      state: "created";
      stream: string;
      maxBytes: number;
      /** Smaller than usual: the broker has no room for more. */
      reduced: boolean;
    }
  | { state: "failed"; message: string }
);

export type StreamsResult =
  | {
      /** False when any but that of the log has failed. */
      ok: boolean;
      streams: StreamOutcome[];
      /** One line for each thing that a person should know. */
      notes: string[];
    }
  | { ok: false; reason: Unusable["reason"]; message: string; streams: []; notes: string[] };

const MIB = 2 ** 20;
const DAY_NS = 86_400 * 1e9;
/** What a stream is made with. */
export const STREAM_LIMITS: Record<StreamKind, { maxBytes: number } & JsonObject> = {
  registry: { maxBytes: 10 * MIB, max_msgs_per_subject: 100 },
  status: { maxBytes: 500 * MIB, max_age: 30 * DAY_NS },
  heartbeat: { maxBytes: 100 * MIB, max_age: DAY_NS },
  log: { maxBytes: 200 * MIB, max_age: 3 * DAY_NS, max_msgs_per_subject: 10_000 },
};
/** A stream smaller than this is of no use. */
const LEAST_BYTES = MIB;

/**
 * Makes sure that the registry, status, heartbeat and log subjects under `prefix` are stored. Two may do it at once.
 * Never rejects; two round trips when all exist.
 */
export async function ensureStreams(
  connection: NatsConnection,
  prefix = "svc",
  limitMs = 5_000,
): Promise<StreamsResult> {
  const kinds: StreamKind[] = ["registry", "status", "heartbeat"];
  const ensure = (kind: StreamKind) => ensureStream(connection, prefix, kind, limitMs);
  const streams = await Promise.all(kinds.map(ensure));
  // After the others: where there is no room for all, it is the log that goes without.
  if (!streams.some(isUnusable)) streams.push(await ensure("log"));
  const fault = streams.find(isUnusable);
  if (fault) return { ok: false, reason: fault.reason, message: fault.message, streams: [], notes: [fault.message] };
  const outcomes = streams.filter((outcome): outcome is StreamOutcome => !isUnusable(outcome));
  // Lines are in files too: a fleet is whole without a stream for them.
  const ok = outcomes.every((one) => one.state !== "failed" || one.kind === "log");
  // Of one that is being closed there is nothing to tell.
  const isLeaving = connection.isClosed() || connection.isDraining();
  return { ok, streams: outcomes, notes: isLeaving ? [] : outcomes.flatMap(noteOf) };
}

/** JetStream as a whole cannot be used. */
type Unusable = { reason: Exclude<JetStreamFault["reason"], "refused" | "denied">; message: string };

function isUnusable(outcome: StreamOutcome | Unusable): outcome is Unusable {
  return "reason" in outcome;
}

interface Wanted {
  kind: StreamKind;
  subject: string;
}

async function ensureStream(
  connection: NatsConnection,
  prefix: string,
  kind: StreamKind,
  limitMs: number,
): Promise<StreamOutcome | Unusable> {
  const wanted = { kind, subject: `${prefix}.${kind}.>` };
  const name = streamName(prefix, kind);
  return (
    (await findStream(connection, wanted, name, limitMs)) ?? (await createStream(connection, wanted, name, limitMs))
  );
}

/** The stream that stores the subject already; undefined if there is none. */
async function findStream(
  connection: NatsConnection,
  wanted: Wanted,
  name: string,
  limitMs: number,
): Promise<StreamOutcome | Unusable | undefined> {
  const found = await streamsOf(connection, wanted.subject, limitMs);
  if (!found.ok) return failed(wanted, found);
  const [other] = found.names;
  if (other === undefined) return undefined;
  if (found.names.includes(name)) return { ...wanted, state: "exists", stream: name };
  const info = await askJetStream(connection, `STREAM.INFO.${other}`, {}, limitMs);
  // Not allowed to look: take it as the operator's wish.
  const isWhole = !info.ok || subjectsOf(info.value).some((subject) => covers(subject, wanted.subject));
  return { ...wanted, state: isWhole ? "exists" : "partial", stream: other };
}

async function createStream(
  connection: NatsConnection,
  wanted: Wanted,
  name: string,
  limitMs: number,
): Promise<StreamOutcome | Unusable> {
  const { maxBytes: usual, ...limits } = STREAM_LIMITS[wanted.kind];
  const fixed = { name, subjects: [wanted.subject], retention: "limits", discard: "old", storage: "file", ...limits };
  for (let maxBytes = usual; ; maxBytes = Math.floor(maxBytes / 2)) {
    const config = { ...fixed, num_replicas: 1, max_bytes: maxBytes };
    const made = await askJetStream(connection, `STREAM.CREATE.${name}`, config, limitMs);
    if (made.ok) return { ...wanted, state: "created", stream: name, maxBytes, reduced: maxBytes < usual };
    if (isLackOfRoom(made) && maxBytes / 2 >= LEAST_BYTES) continue;
    const isTaken = made.errCode === JsError.streamNameInUse || made.errCode === JsError.subjectOverlap;
    // Perhaps somebody else made it in the same moment.
    const theirs = isTaken ? await findStream(connection, wanted, name, limitMs) : undefined;
    return theirs ?? failed(wanted, made);
  }
}

function failed(wanted: Wanted, fault: JetStreamFault): StreamOutcome | Unusable {
  const { reason, message } = fault;
  return reason === "refused" || reason === "denied" ? { ...wanted, state: "failed", message } : { reason, message };
}

/** The subjects of a stream, as JetStream describes it. */
export function subjectsOf({ config }: JsonObject): string[] {
  if (!isJsonObject(config) || !Array.isArray(config.subjects)) return [];
  return config.subjects.filter((subject) => typeof subject === "string");
}

/** Whether a stream's subject stores everything under `wanted` (which ends in `>`). */
export function covers(subject: string, wanted: string): boolean {
  const tokens = subject.split(".");
  const wantedTokens = wanted.split(".");
  if (tokens.at(-1) !== ">" || tokens.length > wantedTokens.length) return false;
  return tokens.every((token, i) => token === ">" || token === "*" || token === wantedTokens[i]);
}

/** JetStream has many numbers for this (server, account, tier, memory or file); the words are what they share. */
function isLackOfRoom(fault: JetStreamFault): boolean {
  return fault.reason === "refused" && /insufficient|exceed/i.test(fault.message);
}

function noteOf(outcome: StreamOutcome): string[] {
  switch (outcome.state) {
    case "exists":
      return [];
    case "created":
      return outcome.reduced
        ? [
            `stream ${outcome.stream} was made with ${Math.round(outcome.maxBytes / MIB)} MiB only: the broker has no room for more`,
          ]
        : [];
    case "partial":
      return [`stream ${outcome.stream} stores a part of ${outcome.subject} only; the rest is not stored`];
    case "failed":
      return [`nothing stores ${outcome.subject}: ${outcome.message}`];
  }
}
