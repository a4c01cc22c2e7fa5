// What comes from a work queue: asked for as there is room, over outages of the broker and losses of stream and consumer.
import type { Msg, NatsConnection, Subscription } from "nats";
import { settlesIn } from "../../common/at-most.ts";
import { describeError } from "../../common/errors.ts";
import { randomToken } from "../../messaging/envelope.ts";
import { inboxPrefixOf } from "../../messaging/login.ts";
import type { QueueOptions } from "../transport.ts";
import type { NatsContext } from "./topics.ts";
import { openQueue, openWorkers } from "./work-queue.ts";

export interface FeedEvents {
  /** How many more tasks can be taken now. */
  room(): number;
  take(message: Msg): void;
  /** It came after the drain had begun. */
  refuse(message: Msg): void;
  opened(ackWaitMs: number): void;
}

/** How long a request for tasks stands, and how often the broker says meanwhile that it is there, milliseconds. */
const REQUEST_MS = 30_000;
const IDLE_MS = 5_000;
/** So long without a word: the consumer is given up, milliseconds. */
const SILENCE_MS = 2.4 * IDLE_MS;
/** A first request that is to be answered at once has not been for so long: the consumer may be mute, milliseconds. */
const GREETING_MS = 3_000;
const AGAIN_MS = 100;
const LONGEST_AGAIN_MS = 2_000;
const DRAIN_LIMIT_MS = 1_000;

interface Open {
  connection: NatsConnection;
  subscription: Subscription;
  inbox: string;
  question: string;
}

export class QueueFeed {
  readonly #context: NatsContext;
  readonly #subject: string;
  readonly #queue: QueueOptions;
  readonly #events: FeedEvents;
  readonly #ignoreStates: () => void;
  readonly #watch: ReturnType<typeof setInterval>;
  #open: Open | undefined;
  /** Tasks asked for that have not come. */
  #outstanding = 0;
  #heardAt = 0;
  /** The consumer has sent something since it was opened. */
  #isGreeted = false;
  /** Rises with each attempt: only the latest goes on. */
  #attempt = 0;
  #isAskDue = false;
  #isDraining = false;
  #told = "";
  #stream = "";

  constructor(context: NatsContext, subject: string, queue: QueueOptions, events: FeedEvents) {
    this.#context = context;
    this.#subject = subject;
    this.#queue = queue;
    this.#events = events;
    const { messenger } = context;
    this.#ignoreStates = messenger.onStateChange((state) => {
      if (state === "connected") this.#restart();
    });
    this.#watch = setInterval(() => this.#lookForSilence(), 1_000);
    if (messenger.state === "connected") this.#restart();
    // Begins to connect. Who is not let in is told by the messenger, which goes on trying.
    else messenger.connected(0).catch(() => undefined);
  }

  get stream(): string {
    return this.#stream;
  }

  /** Asks for as many tasks as there is room for. Of many calls in one turn the first does it for all. */
  ask(): void {
    if (this.#isAskDue) return;
    this.#isAskDue = true;
    queueMicrotask(() => {
      this.#isAskDue = false;
      this.#ask();
    });
  }

  /** No more comes afterwards; what is on its way meanwhile is refused. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#attempt += 1;
    this.#ignoreStates();
    clearInterval(this.#watch);
    const open = this.#open;
    this.#open = undefined;
    if (!open || open.connection.isClosed() || open.connection.isDraining()) return;
    await settlesIn(DRAIN_LIMIT_MS, open.subscription.drain());
  }

  #ask(): void {
    const room = this.#events.room() - this.#outstanding;
    const open = this.#open;
    if (room < 1 || !open || this.#isDraining) return;
    const isFirst = !this.#isGreeted;
    if (isFirst && this.#outstanding > 0) return;
    if (this.#outstanding === 0) this.#heardAt = performance.now();
    const batch = isFirst ? 1 : room;
    this.#outstanding += batch;
    const body = isFirst
      ? { batch, no_wait: true }
      : { batch, expires: REQUEST_MS * 1_000_000, idle_heartbeat: IDLE_MS * 1_000_000 };
    try {
      open.connection.publish(open.question, JSON.stringify(body), { reply: open.inbox });
    } catch (error) {
      this.#context.logger.debug(`${this.#subject}: ${describeError(error)}`);
      this.#restart();
    }
  }

  #lookForSilence(): void {
    if (this.#outstanding === 0) return;
    const silentMs = performance.now() - this.#heardAt;
    if (silentMs > SILENCE_MS) this.#restart();
    else if (silentMs > GREETING_MS && !this.#isGreeted) void this.#judgeSilence(this.#attempt);
  }

  /** The first request was not answered at once. Never rejects. */
  async #judgeSilence(attempt: number): Promise<void> {
    try {
      // All that the broker has sent until now is read afterwards: it may be us who stood still.
      await this.#open?.connection.flush();
    } catch {
      // The connection is gone: all begins anew with the next.
      return;
    }
    if (attempt !== this.#attempt || this.#isGreeted) return;
    this.#context.logger.debug(`${this.#subject}: no answer to the first request for a task`);
    this.#restart(0, true);
  }

  /** @param isMute the consumer is there, and sends nothing */
  #restart(pauseMs = 0, isMute = false): void {
    if (this.#isDraining) return;
    const open = this.#open;
    this.#open = undefined;
    this.#outstanding = 0;
    if (open && !open.subscription.isClosed()) open.subscription.unsubscribe();
    void this.#openAgain(++this.#attempt, pauseMs, isMute);
  }

  /** Never rejects. */
  async #openAgain(attempt: number, firstPauseMs: number, isMute: boolean): Promise<void> {
    await Bun.sleep(firstPauseMs);
    for (let pauseMs = AGAIN_MS; attempt === this.#attempt; pauseMs = Math.min(LONGEST_AGAIN_MS, pauseMs * 2)) {
      const { connection, state } = this.#context.messenger;
      // Begun anew when it is there.
      if (!connection || state !== "connected") return;
      const fault = await this.#tryOpen(connection, attempt, isMute);
      if (fault === undefined) return;
      if (fault !== this.#told) this.#context.logger.warning(`${this.#subject}: ${fault}; it is tried again`);
      this.#told = fault;
      await Bun.sleep(pauseMs);
    }
  }

  async #tryOpen(connection: NatsConnection, attempt: number, isMute: boolean): Promise<string | undefined> {
    const queue = await openQueue(connection, this.#subject, this.#queue);
    if (!queue.ok) return queue.message;
    const workers = await openWorkers(connection, queue.stream, this.#subject, this.#queue, isMute);
    if (!workers.ok) return workers.message;
    if (attempt !== this.#attempt || connection.isClosed() || connection.isDraining()) return undefined;
    const inbox = `${inboxPrefixOf(connection)}.${randomToken(22)}`;
    const subscription = connection.subscribe(inbox, {
      callback: (error, message) => {
        if (!error) this.#receive(message, attempt);
      },
    });
    this.#stream = queue.stream;
    const question = `$JS.API.CONSUMER.MSG.NEXT.${queue.stream}.${workers.consumer}`;
    this.#open = { connection, subscription, inbox, question };
    this.#told = "";
    // Judged already: what it is now it stays.
    this.#isGreeted = isMute;
    this.#events.opened(workers.ackWaitMs);
    this.#ask();
    return undefined;
  }

  #receive(message: Msg, attempt: number): void {
    if (message.reply?.startsWith("$JS.ACK.")) {
      if (this.#isDraining || attempt !== this.#attempt) {
        this.#events.refuse(message);
        return;
      }
      this.#heard();
      this.#outstanding = Math.max(0, this.#outstanding - 1);
      this.#events.take(message);
      return;
    }
    if (this.#isDraining || attempt !== this.#attempt) return;
    this.#heard();
    const code = message.headers?.code;
    if (code === 100) return;
    if (code === 408 || code === 404) {
      // The request has expired, with so many that did not come.
      const left = Number(message.headers?.get("Nats-Pending-Messages")) || this.#outstanding;
      this.#outstanding = Math.max(0, this.#outstanding - left);
      this.ask();
      return;
    }
    // The consumer is gone, or nobody answers for it.
    this.#restart(AGAIN_MS);
  }

  #heard(): void {
    this.#heardAt = performance.now();
    if (this.#isGreeted) return;
    this.#isGreeted = true;
    this.ask();
  }
}
