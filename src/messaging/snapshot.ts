// The last message of every subject a stream holds: the state of a fleet, read in one go.
import type { Msg, NatsConnection } from "nats";
import type { JsonObject } from "../common/json.ts";
import { decode, type Meta, randomToken } from "./envelope.ts";
import { askJetStream, type JetStreamFault, JsError, streamsOf } from "./jetstream.ts";

/** A message as a reader gets it. */
export interface WireMessage {
  subject: string;
  data: JsonObject | undefined;
  meta: Meta;
  /** Its place in the stream. */
  seq: number;
  /** When the broker stored it, milliseconds since the epoch. */
  time: number;
}

/** A message that could not be read. */
export interface BadMessage {
  subject: string;
  seq: number;
  fault: string;
}

export type Snapshot =
  | {
      ok: true;
      /** In stream order. */
      messages: WireMessage[];
      /** How many could not be read. */
      bad: number;
      firstBad: BadMessage | undefined;
    }
  | {
      ok: false;
      /** `no_stream`: JetStream is there, but nothing stores these subjects. */
      reason: "no_stream" | JetStreamFault["reason"];
      message: string;
    };

/** The name of the stream PROTOCOL gives to `<prefix>.<kind>.…`: dots become underscores. */
export function streamName(prefix: string, kind: "registry" | "status" | "heartbeat"): string {
  return `${prefix}.${kind}`.replaceAll(".", "_");
}

/**
 * Reads the last message of each subject under `filterSubject` (as `svc.status.>`).
 * @param options.limitMs the longest it may take, default 5 s
 */
export async function readLastPerSubject(
  connection: NatsConnection,
  filterSubject: string,
  options: { limitMs?: number } = {},
): Promise<Snapshot> {
  if (connection.isClosed()) return { ok: false, reason: "disconnected", message: "the connection is closed" };
  const deadline = performance.now() + (options.limitMs ?? 5_000);
  // The usual name first, without asking: that saves a round trip.
  const usual = usualStream(filterSubject);
  const direct = usual ? await readStream(connection, usual, filterSubject, deadline) : noStream(filterSubject);
  if (direct.ok || (direct.reason !== "refused" && direct.reason !== "no_stream")) return direct;
  const found = await streamsOf(connection, filterSubject, Math.max(1, deadline - performance.now()));
  if (!found.ok) return found;
  const others = found.names.filter((name) => name !== usual);
  if (others.length === 0) return found.names.length > 0 ? direct : noStream(filterSubject);
  const parts = await Promise.all(others.map((name) => readStream(connection, name, filterSubject, deadline)));
  return parts.find((part) => !part.ok) ?? merge(parts);
}

/** The stream that PROTOCOL has for these subjects. */
function usualStream(filterSubject: string): string | undefined {
  const [, prefix, kind] = /^(.+?)\.(registry|status|heartbeat)\./.exec(filterSubject) ?? [];
  return prefix !== undefined && kind !== undefined ? `${prefix}_${kind}`.replaceAll(".", "_") : undefined;
}

function noStream(filterSubject: string): Snapshot {
  return { ok: false, reason: "no_stream", message: `no stream on this broker stores ${filterSubject}` };
}

function merge(parts: Snapshot[]): Snapshot {
  const good = parts.filter((part) => part.ok);
  return {
    ok: true,
    messages: good.flatMap((part) => part.messages).sort((a, b) => a.time - b.time),
    bad: good.reduce((sum, part) => sum + part.bad, 0),
    firstBad: good.find((part) => part.firstBad)?.firstBad,
  };
}

async function readStream(
  connection: NatsConnection,
  stream: string,
  filterSubject: string,
  deadline: number,
): Promise<Snapshot> {
  const inbox = `_INBOX.${randomToken(22)}`;
  const messages: WireMessage[] = [];
  let bad = 0;
  let firstBad: BadMessage | undefined;
  const complete = Promise.withResolvers<"complete" | "late">();
  const receive = (error: Error | null, message: Msg): void => {
    if (error) return;
    const place = placeOf(message.reply);
    if (!place) {
      // Flow control: the broker asks whether we keep up.
      if (message.headers?.code === 100 && message.reply) message.respond();
      return;
    }
    const { subject } = message;
    const decoded = decode(message.data);
    if (decoded.ok) {
      messages.push({ subject, data: decoded.data, meta: decoded.meta, seq: place.seq, time: place.time });
    } else {
      bad += 1;
      firstBad ??= { subject, seq: place.seq, fault: decoded.fault };
    }
    if (place.pending === 0) complete.resolve("complete");
  };
  const subscription = connection.subscribe(inbox, { callback: receive });
  const timer = setTimeout(() => complete.resolve("late"), Math.max(1, deadline - performance.now()));
  try {
    const answer = await askJetStream(
      connection,
      `CONSUMER.CREATE.${stream}`,
      {
        stream_name: stream,
        config: {
          deliver_policy: "last_per_subject",
          ack_policy: "none",
          replay_policy: "instant",
          max_deliver: 1,
          filter_subject: filterSubject,
          deliver_subject: inbox,
          mem_storage: true,
          num_replicas: 1,
          flow_control: true,
          // Nanoseconds; flow control needs one.
          idle_heartbeat: 5_000_000_000,
        },
      },
      Math.max(1, deadline - performance.now()),
    );
    if (!answer.ok) {
      if (answer.errCode === JsError.streamNotFound) return noStream(filterSubject);
      return { ok: false, reason: answer.reason, message: answer.message };
    }
    const { name, num_pending: pending } = answer.value;
    if (pending === 0 && messages.length + bad === 0 && !hasDelivered(answer.value)) complete.resolve("complete");
    const outcome = await complete.promise;
    // Without asking for an answer: it would go by itself after five seconds anyway.
    if (typeof name === "string") connection.publish(`$JS.API.CONSUMER.DELETE.${stream}.${name}`);
    if (outcome === "complete") return { ok: true, messages, bad, firstBad };
    return {
      ok: false,
      reason: "timeout",
      message: `reading ${filterSubject} took too long (${messages.length} messages so far)`,
    };
  } finally {
    clearTimeout(timer);
    if (!connection.isClosed()) subscription.unsubscribe();
  }
}

function hasDelivered(info: JsonObject): boolean {
  const { delivered } = info;
  if (typeof delivered !== "object" || delivered === null || Array.isArray(delivered)) return false;
  return typeof delivered.consumer_seq === "number" && delivered.consumer_seq > 0;
}

/** Reads a JetStream reply subject: `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<n>.<seq>.<n>.<ns>.<pending>[.<x>]`. */
function placeOf(reply: string | undefined): { seq: number; time: number; pending: number } | undefined {
  if (!reply?.startsWith("$JS.ACK.")) return undefined;
  const tokens = reply.split(".");
  const at = tokens.length >= 11 ? 7 : 5;
  return { seq: Number(tokens[at]), time: Number(tokens[at + 2]) / 1e6, pending: Number(tokens[at + 3]) };
}
