// Taking tasks from a work queue: as many as there is room for; each is acknowledged when done, and comes again if not.
import type { Msg } from "nats";
import { settlesIn } from "../../common/at-most.ts";
import { describeError } from "../../common/errors.ts";
import { countOf } from "../../common/plural.ts";
import { decode, MetaSource } from "../../messaging/envelope.ts";
import { UnfitMessageError } from "../errors.ts";
import type { JsonMessage } from "../messages.ts";
import type { Puller, PullerOptions } from "../transport.ts";
import { storeDead } from "./dead-letters.ts";
import { QueueFeed } from "./queue-feed.ts";
import { Returns } from "./returns.ts";
import type { NatsContext } from "./topics.ts";

const DONE = "+ACK";
const AGAIN = "-NAK";
const WORKING = "+WPI";
/** The longest pause before a task that has failed comes again. */
const LONGEST_RETRY_MS = 600_000;
/** The shortest pause before a dead task that could not be put away comes again: nothing else bounds how often it does. */
const LEAST_BURY_AGAIN_MS = 1_000;

/** How long noting a return may keep it waiting. */
const NOTE_LIMIT_MS = 1_000;

/** Which task of its stream it is, and how often it has come. */
interface Delivery {
  deliveries: number;
  sequence: string;
  /** When it was stored: with the sequence it names the task, also when its stream was removed and counts anew. */
  stored: string;
}

/** Why a task has failed for good. */
interface Death {
  why: string;
  attempts: number;
}

/** Of so many tasks that could not be put away it is remembered; of more, of the latest. */
const MOST_UNBURIED = 1_000;

interface Work {
  message: Msg;
  done: Promise<void>;
  /** It was given back: what still comes of it does not count. */
  isReturned: boolean;
}

export class QueuePuller implements Puller {
  readonly addresses: readonly string[];
  readonly #subject: string;
  readonly #context: NatsContext;
  readonly #options: PullerOptions;
  readonly #feed: QueueFeed;
  readonly #meta: MetaSource;
  readonly #returns: Returns;
  readonly #working = new Set<Work>();
  readonly #end = new AbortController();
  readonly #refusals = new Set<Promise<void>>();
  /** Dead tasks that come again because they could not be put away, by key: that they come again is no other death. */
  readonly #unburied = new Map<string, Death>();
  #beat: ReturnType<typeof setInterval> | undefined;

  constructor(context: NatsContext, subject: string, options: PullerOptions) {
    this.addresses = [subject];
    this.#subject = subject;
    this.#context = context;
    this.#options = options;
    this.#meta = new MetaSource(context.messenger.name);
    this.#returns = new Returns(subject);
    this.#feed = new QueueFeed(context, subject, options.queue, {
      room: () => options.concurrency - this.#working.size,
      take: (message) => this.#take(message),
      // Came when nothing more was to come.
      refuse: (message) => {
        const refusal = this.#handBack(message).finally(() => this.#refusals.delete(refusal));
        this.#refusals.add(refusal);
      },
      opened: (ackWaitMs) => this.#beatEvery(ackWaitMs / 3),
    });
  }

  get active(): number {
    return this.#working.size;
  }

  async close(limitMs: number): Promise<void> {
    await this.#feed.drain();
    const all = Promise.all([...this.#working].map(({ done }) => done));
    if (!(await settlesIn(limitMs, all))) await this.#returnAll();
    clearInterval(this.#beat);
    await Promise.all(this.#refusals);
    // What was answered last has reached the broker, or comes again.
    await settlesIn(1_000, this.#context.messenger.connection?.flush() ?? Promise.resolve());
  }

  async #returnAll(): Promise<void> {
    const left = [...this.#working];
    for (const work of left) work.isReturned = true;
    this.#end.abort();
    await Promise.all(left.map(({ message }) => this.#handBack(message)));
    this.#context.logger.warning(`${countOf(left.length, "task")} not finished: returned to ${this.#subject}`);
  }

  /** To whoever is free. Noted before that, as far as the broker is there: it is no attempt that has failed. Never rejects. */
  async #handBack(message: Msg): Promise<void> {
    const { connection } = this.#context.messenger;
    const { deliveries, sequence } = deliveryOf(message);
    const noting = async (): Promise<void> => {
      if (!connection) return;
      const before = deliveries > 1 ? await this.#returns.of(connection, sequence) : 0;
      await this.#returns.note(connection, sequence, before + 1);
    };
    await settlesIn(NOTE_LIMIT_MS, noting());
    answer(message, AGAIN);
  }

  /** How often it was begun, with this time, and not handed back. */
  async #attemptOf({ deliveries, sequence }: Delivery): Promise<number> {
    const { connection } = this.#context.messenger;
    if (!connection) return deliveries;
    return Math.max(1, deliveries - (await this.#returns.of(connection, sequence)));
  }

  #take(message: Msg): void {
    // Made whole before the work begins.
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const work: Work = { message, done, isReturned: false };
    this.#working.add(work);
    void this.#work(work).then(() => {
      this.#working.delete(work);
      resolve();
      this.#feed.ask();
    });
  }

  /** Never rejects. */
  async #work(work: Work): Promise<void> {
    const { message } = work;
    const { take, queue, lost } = this.#options;
    const delivery = deliveryOf(message);
    const attempt = delivery.deliveries === 1 ? 1 : await this.#attemptOf(delivery);
    if (work.isReturned) return;
    const key = `${this.#feed.stream}.${delivery.sequence}.${delivery.stored}`;
    const decoded = decode(message.data);
    if (!decoded.ok) {
      lost(`${this.#subject}: ${decoded.fault}`);
      return await this.#bury(work, { unreadable: message.string() }, { why: decoded.fault, attempts: attempt }, key);
    }
    const task = decoded.data ?? {};
    if (attempt > queue.maxDeliver) {
      // Begun so often, and never finished: whoever begins it dies of it.
      const unknown = { why: "begun too often and never finished", attempts: attempt - 1 };
      return await this.#bury(work, task, this.#unburied.get(key) ?? unknown, key);
    }
    try {
      await take({ task, attempt, key, signal: this.#end.signal });
      if (!work.isReturned) answer(message, DONE);
    } catch (error) {
      if (work.isReturned) return;
      const isFinal = error instanceof UnfitMessageError || attempt >= queue.maxDeliver;
      if (isFinal) await this.#bury(work, task, { why: describeError(error), attempts: attempt }, key);
      else answerLater(message, Math.min(LONGEST_RETRY_MS, queue.retryMs * 2 ** (attempt - 1)));
    }
  }

  async #bury(work: Work, task: JsonMessage, death: Death, key: string): Promise<void> {
    const { why, attempts } = death;
    const { dead, queue } = this.#options;
    const { messenger, logger } = this.#context;
    const grave = queue.deadLetter ?? `${this.#subject}.dead`;
    const { connection } = messenger;
    const fault = connection
      ? await storeDead(connection, grave, { task, why, attempts, key }, this.#meta)
      : "the broker is away";
    if (work.isReturned) return;
    try {
      if (fault !== undefined) throw new Error(`${grave}: ${fault}`);
      await dead(task, why, attempts, key);
      answer(work.message, DONE);
      this.#unburied.delete(key);
    } catch (error) {
      this.#remember(key, death);
      logger.warning(`a dead task stays in ${this.#subject}: ${describeError(error)}`);
      answerLater(work.message, Math.max(LEAST_BURY_AGAIN_MS, queue.retryMs));
    }
  }

  #remember(key: string, death: Death): void {
    this.#unburied.set(key, death);
    const [oldest] = this.#unburied.keys();
    if (this.#unburied.size > MOST_UNBURIED && oldest !== undefined) this.#unburied.delete(oldest);
  }

  /** Tells the broker that we are at it: else the tasks would come again elsewhere. */
  #beatEvery(ms: number): void {
    clearInterval(this.#beat);
    this.#beat = setInterval(() => {
      for (const { message } of this.#working) answer(message, WORKING);
    }, ms);
  }
}

function answer(message: Msg, text: string): void {
  try {
    message.respond(text);
  } catch {
    // The connection is gone: without an answer the task comes again.
  }
}

function answerLater(message: Msg, delayMs: number): void {
  answer(message, `${AGAIN} ${JSON.stringify({ delay: Math.round(delayMs * 1e6) })}`);
}

/** From the reply subject: `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<deliveries>.<sequence>.<…>.<stored>…`. */
function deliveryOf({ reply = "" }: Msg): Delivery {
  const words = reply.split(".");
  const at = words.length >= 11 ? 6 : 4;
  return { deliveries: Number(words[at]) || 1, sequence: words[at + 1] ?? "", stored: words[at + 3] ?? "" };
}
