// A reader's place in a stream: messages in order from somewhere on, pushed by the broker until it is stopped.
import type { Msg, NatsConnection } from "nats";
import type { JsonObject } from "../common/json.ts";
import { randomToken } from "./envelope.ts";
import { askJetStream, type JetStreamFault } from "./jetstream.ts";
import { inboxPrefixOf } from "./login.ts";

/** Where a message stands. */
export interface StreamPlace {
  /** Its number in the stream. */
  seq: number;
  /** Its number among those delivered to this consumer, from 1. */
  nth: number;
  /** When the broker stored it, milliseconds since the epoch, to a microsecond. */
  time: number;
  /** How many follow it now. */
  pending: number;
}

export type ConsumerStart =
  | { deliver_policy: "all" | "last_per_subject" }
  | { deliver_policy: "last" }
  | { deliver_policy: "by_start_sequence"; opt_start_seq: number }
  | { deliver_policy: "by_start_time"; opt_start_time: string };

export interface ConsumerEvents {
  message(subject: string, payload: Uint8Array, place: StreamPlace): void;
  /** All that there is was told. Told again, by and by, until something comes. */
  caughtUp?(): void;
  /** A message was lost on the way here. Nothing more is told: what came before is known, to begin anew after it. */
  lost(): void;
}

export interface StreamConsumer {
  ok: true;
  /** How many messages waited when it was made; those delivered by then are not counted. */
  pending: number;
  /** How long nothing was heard of the broker, not even that it is there, milliseconds. */
  readonly silentMs: number;
  stop(): void;
}

export interface ConsumerOptions {
  /** How long the broker may take to make it, milliseconds; default 5,000. */
  limitMs?: number;
  /** How often the broker says that it is there, milliseconds, at least 100; default 5,000. */
  idleMs?: number;
}

/** Reads on behalf of `events` until stopped; `filterSubject` may have wildcards. Never rejects. */
export async function openConsumer(
  connection: NatsConnection,
  stream: string,
  filterSubject: string,
  start: ConsumerStart,
  events: ConsumerEvents,
  { limitMs = 5_000, idleMs = 5_000 }: ConsumerOptions = {},
): Promise<StreamConsumer | JetStreamFault> {
  if (connection.isClosed() || connection.isDraining()) {
    return { ok: false, reason: "disconnected", errCode: undefined, message: "the connection is closed" };
  }
  const inbox = `${inboxPrefixOf(connection)}.${randomToken(22)}`;
  // One that is being closed takes its subscriptions with it, and throws at whoever still publishes.
  const isLeaving = () => connection.isClosed() || connection.isDraining();
  let received = 0;
  let heardAt = performance.now();
  let isOver = false;
  const lose = () => {
    isOver = true;
    events.lost();
  };
  const receive = (error: Error | null, message: Msg): void => {
    if (error || isOver) return;
    heardAt = performance.now();
    const place = placeOf(message.reply);
    if (place) {
      received += 1;
      if (place.nth !== received) {
        lose();
        return;
      }
      events.message(message.subject, message.data, place);
      if (place.pending === 0 && !isOver) events.caughtUp?.();
    } else if (message.headers?.code === 100) {
      const { headers, reply } = message;
      // Flow control: the broker asks whether we keep up. What it waits for may have been lost, too.
      const question = reply || headers.get("Nats-Consumer-Stalled");
      // The last that was sent has not come: nothing else may follow for long.
      if (Number(headers.get("Nats-Last-Consumer")) > received) lose();
      else if (question === "") events.caughtUp?.();
      else if (!isLeaving()) connection.publish(question);
    }
  };
  const subscription = connection.subscribe(inbox, { callback: receive });
  const config = {
    ...BASE,
    ...start,
    // Nanoseconds; flow control needs one.
    idle_heartbeat: idleMs * 1_000_000,
    filter_subject: filterSubject,
    deliver_subject: inbox,
  };
  const answer = await askJetStream(connection, `CONSUMER.CREATE.${stream}`, { stream_name: stream, config }, limitMs);
  if (!answer.ok) {
    if (!connection.isClosed()) subscription.unsubscribe();
    return answer;
  }
  heardAt = performance.now();
  const { name, num_pending: pending } = answer.value;
  if (pending === 0 && received === 0 && !hasDelivered(answer.value)) events.caughtUp?.();
  return {
    ok: true,
    pending: typeof pending === "number" ? pending : 0,
    get silentMs() {
      return performance.now() - heardAt;
    },
    stop() {
      isOver = true;
      if (isLeaving()) return;
      subscription.unsubscribe();
      // Without asking for an answer: it would go by itself after five seconds anyway.
      if (typeof name === "string") connection.publish(`$JS.API.CONSUMER.DELETE.${stream}.${name}`);
    },
  };
}

const BASE: JsonObject = {
  ack_policy: "none",
  replay_policy: "instant",
  max_deliver: 1,
  mem_storage: true,
  num_replicas: 1,
  flow_control: true,
};

/** How many messages under `filterSubject` stand at or after `seq`. */
export async function countFrom(
  connection: NatsConnection,
  stream: string,
  filterSubject: string,
  seq: number,
): Promise<{ ok: true; count: number } | JetStreamFault> {
  // A consumer without anybody to deliver to only counts.
  const config = {
    deliver_policy: "by_start_sequence",
    opt_start_seq: seq,
    filter_subject: filterSubject,
    ack_policy: "explicit",
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: 5_000_000_000,
  };
  const answer = await askJetStream(connection, `CONSUMER.CREATE.${stream}`, { stream_name: stream, config });
  if (!answer.ok) return answer;
  const { name, num_pending: count } = answer.value;
  if (typeof name === "string") connection.publish(`$JS.API.CONSUMER.DELETE.${stream}.${name}`);
  return { ok: true, count: typeof count === "number" ? count : 0 };
}

function hasDelivered(info: JsonObject): boolean {
  const { delivered } = info;
  if (typeof delivered !== "object" || delivered === null || Array.isArray(delivered)) return false;
  return typeof delivered.consumer_seq === "number" && delivered.consumer_seq > 0;
}

const DOT = ".".charCodeAt(0);
const ZERO = "0".charCodeAt(0);

/** Reads a JetStream reply subject: `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<n>.<seq>.<nth>.<ns>.<pending>[.<x>]`. */
export function placeOf(reply: string | undefined): StreamPlace | undefined {
  if (!reply?.startsWith("$JS.ACK.")) return undefined;
  // Not cut up, which would cost four times as much: this is done for each message. Kept are the last five numbers.
  let tokens = 3;
  let seq = 0;
  let nth = 0;
  let ns = 0;
  let pending = 0;
  let last = 0;
  for (let at = "$JS.ACK.".length; at < reply.length; at++) {
    const code = reply.charCodeAt(at);
    if (code !== DOT) {
      last = last * 10 + (code - ZERO);
      continue;
    }
    tokens += 1;
    seq = nth;
    nth = ns;
    ns = pending;
    pending = last;
    last = 0;
  }
  const hasMore = tokens === 12;
  return hasMore ? { seq, nth, time: ns / 1e6, pending } : { seq: nth, nth: ns, time: pending / 1e6, pending: last };
}
