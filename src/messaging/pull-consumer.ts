// A reader's place in a stream, from which it takes as much as it has room for: the broker sends nothing unasked.
import type { Msg, NatsConnection, Subscription } from "nats";
import { type ConsumerStart, placeOf, type StreamPlace } from "./consumer.ts";
import { randomToken } from "./envelope.ts";
import { askJetStream, type JetStreamFault } from "./jetstream.ts";
import { inboxPrefixOf } from "./login.ts";

export interface PullEvents {
  /** @param afterBreak there was a time before it when nothing was asked for: others may have come and gone */
  message(message: Msg, place: StreamPlace, afterBreak: boolean): void;
  /** How many messages wait to be read. */
  waiting(): number;
  /** Nothing more will come of it: the broker has lost it, or is not heard any more, or a message was lost on the way here. */
  ended(why: string): void;
}

/** How long one request for messages stands, and how often the broker says meanwhile that it is there, milliseconds. */
const REQUEST_MS = 30_000;
const IDLE_MS = 5_000;
/** So long without a word: it is given up, milliseconds. */
const SILENCE_MS = 2.4 * IDLE_MS;
/** The broker forgets it when nothing was asked for so long, milliseconds. */
const FORGET_MS = 60_000;
/** So many messages are on their way or wait here, at most; and so many bytes, or twice that when they grow suddenly. */
const MOST_MESSAGES = 1_024;
const MOST_BYTES = 8 * 2 ** 20;
const LOST = "a message was lost on the way";
/** What is asked for before anything is known about the size of messages. */
const FIRST_MESSAGES = 16;

/** @returns it, or why there is none; never rejects */
export async function openPullConsumer(
  connection: NatsConnection,
  stream: string,
  filterSubject: string,
  start: ConsumerStart,
  events: PullEvents,
): Promise<{ ok: true; consumer: PullConsumer; pending: number } | JetStreamFault> {
  if (connection.isClosed() || connection.isDraining()) {
    return { ok: false, reason: "disconnected", errCode: undefined, message: "the connection is closed" };
  }
  const config = {
    ...start,
    ack_policy: "none",
    replay_policy: "instant",
    max_deliver: 1,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: FORGET_MS * 1_000_000,
    filter_subject: filterSubject,
  };
  const answer = await askJetStream(connection, `CONSUMER.CREATE.${stream}`, { stream_name: stream, config });
  if (!answer.ok) return answer;
  const { name, num_pending: pending } = answer.value;
  if (typeof name !== "string") {
    return { ok: false, reason: "refused", errCode: undefined, message: "a consumer without a name" };
  }
  const consumer = new PullConsumer(connection, stream, name, events);
  return { ok: true, consumer, pending: typeof pending === "number" ? pending : 0 };
}

export class PullConsumer {
  readonly name: string;
  readonly #connection: NatsConnection;
  readonly #stream: string;
  readonly #events: PullEvents;
  readonly #inbox: string;
  readonly #subscription: Subscription;
  readonly #watch: ReturnType<typeof setInterval>;
  /** Messages asked for that have not come, and those that have come in all. */
  #outstanding = 0;
  #received = 0;
  #hadBreak = false;
  /** The next message is larger than all that may wait: it is asked for alone. */
  #isHuge = false;
  /** Of the messages of late, bytes. */
  #meanSize = 0;
  #heardAt = performance.now();
  #isOver = false;

  constructor(connection: NatsConnection, stream: string, name: string, events: PullEvents) {
    this.name = name;
    this.#connection = connection;
    this.#stream = stream;
    this.#events = events;
    this.#inbox = `${inboxPrefixOf(connection)}.${randomToken(22)}`;
    this.#subscription = connection.subscribe(this.#inbox, { callback: (_, message) => this.#receive(message) });
    this.#watch = setInterval(() => {
      const isSilent = this.#outstanding > 0 && performance.now() - this.#heardAt > SILENCE_MS;
      if (this.#connection.isClosed()) this.#end("the connection is closed");
      else if (isSilent) this.#end("the broker is not heard any more");
    }, 1_000);
  }

  /** Asks for more if there is room. */
  ask(): void {
    if (this.#isOver) return;
    const waiting = this.#events.waiting();
    const most =
      this.#meanSize === 0
        ? FIRST_MESSAGES
        : Math.max(1, Math.min(MOST_MESSAGES, Math.floor(MOST_BYTES / this.#meanSize)));
    const batch = this.#isHuge ? 1 : most - waiting - this.#outstanding;
    // Not for each message that is read: in halves.
    if (!this.#isHuge && (batch < 1 || batch * 2 < most)) return;
    if (this.#outstanding === 0) this.#heardAt = performance.now();
    this.#outstanding += batch;
    const max_bytes = Math.max(1, Math.floor(MOST_BYTES - waiting * this.#meanSize));
    const bound = this.#isHuge ? {} : { max_bytes };
    this.#isHuge = false;
    const body = { batch, ...bound, expires: REQUEST_MS * 1_000_000, idle_heartbeat: IDLE_MS * 1_000_000 };
    try {
      const reply = this.#inbox;
      this.#connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.name}`, JSON.stringify(body), {
        reply,
      });
    } catch {
      // The connection was closed at this moment.
      this.#end("the connection is closed");
    }
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#watch);
    if (this.#connection.isClosed() || this.#connection.isDraining()) return;
    this.#subscription.unsubscribe();
    // Without asking for an answer: it would be forgotten anyway.
    this.#connection.publish(`$JS.API.CONSUMER.DELETE.${this.#stream}.${this.name}`);
  }

  #receive(message: Msg): void {
    if (this.#isOver) return;
    this.#heardAt = performance.now();
    const place = placeOf(message.reply);
    if (place) {
      this.#received += 1;
      if (place.nth !== this.#received) {
        this.#end(LOST);
        return;
      }
      const size = message.data.length + message.subject.length + 1;
      // Quick to rise, slow to fall: the largest count.
      this.#meanSize = size > this.#meanSize ? size : this.#meanSize * 0.98 + size * 0.02;
      const afterBreak = this.#hadBreak;
      this.#hadBreak = false;
      this.#answered(1);
      this.#events.message(message, place, afterBreak);
      return;
    }
    const code = message.headers?.code;
    if (code === 100) {
      // The last that was sent has not come.
      if (Number(message.headers?.get("Nats-Last-Consumer")) > this.#received) this.#end(LOST);
      return;
    }
    const isFull = code === 409 && message.headers?.description?.includes("MaxBytes") === true;
    // 408: the request has expired, with so many that did not come. 404: the same, there was nothing.
    if (code === 408 || code === 404 || isFull) {
      const left = Number(message.headers?.get("Nats-Pending-Messages")) || this.#outstanding;
      this.#answered(left);
      this.#isHuge = isFull && this.#events.waiting() === 0;
      // When something waits, there will be room by and by: who takes it asks.
      if (!isFull || this.#isHuge) this.ask();
    } else if (code !== undefined) {
      this.#end(code === 503 ? "the consumer is gone" : (message.headers?.description ?? `status ${code}`));
    }
  }

  #answered(count: number): void {
    this.#outstanding = Math.max(0, this.#outstanding - count);
    if (this.#outstanding === 0) this.#hadBreak = true;
  }

  #end(why: string): void {
    if (this.#isOver) return;
    this.stop();
    this.#events.ended(why);
  }
}
