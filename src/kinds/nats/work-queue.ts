// The work queue on the broker: the stream that keeps tasks, the consumer that all workers share, and where dead tasks go.
import type { NatsConnection } from "nats";
import { isJsonObject, type JsonObject } from "../../common/json.ts";
import { askJetStream, type JetStreamFault, JsError, streamsOf } from "../../messaging/jetstream.ts";
import type { QueueOptions } from "../transport.ts";

export type Opened<T> = ({ ok: true } & T) | JetStreamFault;

const NS_PER_MS = 1_000_000;
/** Dead tasks are kept so many, and so long (30 days): then the oldest go. */
const DEAD_LIMIT = 10_000;
const DEAD_AGE_NS = 30 * 24 * 3_600_000 * NS_PER_MS;
/** Tasks that all workers together have taken and not finished. */
const MOST_TAKEN = 10_000;
/** A push that is sent again within this is known to be the same (2 minutes). */
const DUPLICATE_WINDOW_NS = 120_000 * NS_PER_MS;
/** Requests for tasks that may stand: each free place of a worker has one. */
const MOST_REQUESTS = 10_000;
const CONSUMER_NOT_FOUND = 10014;

/** The stream that keeps the tasks of a subject: found if there is one (an operator's settings win), else made. */
export async function openQueue(
  connection: NatsConnection,
  subject: string,
  { limit }: QueueOptions,
): Promise<Opened<{ stream: string }>> {
  return await openStream(connection, subject, {
    retention: "workqueue",
    max_msgs: limit,
    // Who pushes is told, and waits: nothing is dropped.
    discard: "new",
  });
}

/** The stream that keeps dead tasks. */
export async function openDeadLetters(
  connection: NatsConnection,
  subject: string,
): Promise<Opened<{ stream: string }>> {
  return await openStream(connection, subject, {
    retention: "limits",
    max_msgs: DEAD_LIMIT,
    max_age: DEAD_AGE_NS,
    discard: "old",
  });
}

/** Where it is noted how often a task was handed back. */
export function returnsOf(queue: string, sequence: string): { stream: string; subject: string } {
  return { stream: nameFor("work", `${queue}.returned`), subject: `${queue}.returned.${sequence}` };
}

/** @returns whether there is a stream for such notes: one of an operator for other things is none */
export async function openReturns(connection: NatsConnection, queue: string): Promise<boolean> {
  const { stream, subject } = returnsOf(queue, "*");
  const opened = await openStream(connection, subject, {
    name: stream,
    retention: "limits",
    max_msgs_per_subject: 1,
    max_age: DEAD_AGE_NS,
    discard: "old",
  });
  return opened.ok && opened.stream === stream;
}

async function openStream(
  connection: NatsConnection,
  subject: string,
  { name = nameFor("work", subject), ...settings }: JsonObject & { name?: string },
): Promise<Opened<{ stream: string }>> {
  const found = await streamsOf(connection, subject);
  if (!found.ok) return found;
  const [there] = found.names;
  if (there !== undefined) return { ok: true, stream: there };
  const config = { name, subjects: [subject], storage: "file", duplicate_window: DUPLICATE_WINDOW_NS, ...settings };
  const made = await askJetStream(connection, `STREAM.CREATE.${name}`, config);
  if (made.ok) return { ok: true, stream: name };
  // Another service has made it in this moment, with settings of its own.
  if (made.errCode !== JsError.streamNameInUse && made.errCode !== JsError.subjectOverlap) return made;
  const again = await streamsOf(connection, subject);
  if (!again.ok) return again;
  const [stream] = again.names;
  return stream === undefined ? made : { ok: true, stream };
}

/**
 * The consumer that the workers of a subject share.
 * @param isMute the one that is there sends nothing: made anew, unless somebody has got something from it. Of a stream that is
 *   still being made, as when giver and workers start together, nats-server 2.9.10 makes consumers that stay so for good
 * @returns after which silence a task comes again
 */
export async function openWorkers(
  connection: NatsConnection,
  stream: string,
  subject: string,
  { ackWaitMs }: QueueOptions,
  isMute = false,
): Promise<Opened<{ consumer: string; ackWaitMs: number }>> {
  const consumer = nameFor("workers", subject);
  const found = await askJetStream(connection, `CONSUMER.INFO.${stream}.${consumer}`);
  if (found.ok) {
    if (!isMute || isInUse(found.value)) {
      return { ok: true, consumer, ackWaitMs: ackWaitOf(found.value) ?? ackWaitMs };
    }
    await askJetStream(connection, `CONSUMER.DELETE.${stream}.${consumer}`);
  } else if (found.errCode !== CONSUMER_NOT_FOUND) return found;
  const config = {
    durable_name: consumer,
    ack_policy: "explicit",
    ack_wait: ackWaitMs * NS_PER_MS,
    // Counted by us: the broker would only leave the task lying there.
    max_deliver: -1,
    max_ack_pending: MOST_TAKEN,
    max_waiting: MOST_REQUESTS,
    deliver_policy: "all",
    replay_policy: "instant",
    filter_subject: subject,
  };
  const made = await askJetStream(connection, `CONSUMER.DURABLE.CREATE.${stream}.${consumer}`, {
    stream_name: stream,
    config,
  });
  return made.ok ? { ok: true, consumer, ackWaitMs: ackWaitOf(made.value) ?? ackWaitMs } : made;
}

function ackWaitOf({ config }: JsonObject): number | undefined {
  return isJsonObject(config) && typeof config.ack_wait === "number" ? config.ack_wait / NS_PER_MS : undefined;
}

/** It has sent something that reached a worker, or is not to send more now: its silence is none. */
function isInUse({ ack_floor: floor, config, num_ack_pending: taken, paused }: JsonObject): boolean {
  if (paused === true) return true;
  if (isJsonObject(floor) && floor.consumer_seq !== 0) return true;
  const most = isJsonObject(config) ? config.max_ack_pending : undefined;
  return typeof most === "number" && most > 0 && Number(taken) >= most;
}

/** Names of streams and consumers have no dots: `tasks.dome` is `work_tasks_dome`, `tasks_dome` is `work_tasks__dome`. */
function nameFor(kind: string, subject: string): string {
  return `${kind}_${subject.replaceAll("_", "__").replaceAll(".", "_")}`;
}
