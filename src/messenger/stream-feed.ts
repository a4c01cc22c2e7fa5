// The messages of a stream, in order and each once, over outages of the broker and losses of the consumer; bounded.
import type { Msg, NatsConnection } from "nats";
import type { StreamPlace } from "../messaging/consumer.ts";
import { type FoundStream, findStreamOf, type StreamFault } from "../messaging/find-stream.ts";
import { openPullConsumer, type PullConsumer } from "../messaging/pull-consumer.ts";
import { NoStreamError } from "./errors.ts";
import { type DeliverPolicy, type FeedPlace, feedStart, type MissedMessages } from "./feed-start.ts";
import type { Wire } from "./wire.ts";

export interface FeedOptions {
  policy: DeliverPolicy;
  startTime: Date | undefined;
  onMissed: (missed: MissedMessages) => void;
  /** There is no stream, or it cannot be read now; said once until it can be read again. */
  onStreamFault: (message: string) => void;
}

export interface RawMessage {
  message: Msg;
  place: StreamPlace;
  stream: string;
}

/** Pauses before another attempt to read, milliseconds: doubled at each. */
const AGAIN_MS = 100;
const LONGEST_AGAIN_MS = 2_000;
/** It is not looked more often whether messages were removed that were not read, milliseconds. */
const LOOK_PAUSE_MS = 1_000;

export class StreamFeed {
  readonly #wire: Wire;
  readonly #subject: string;
  readonly #options: FeedOptions;
  readonly #ignoreStates: () => void;
  #policy: DeliverPolicy;
  #stream: FoundStream | undefined;
  #consumer: PullConsumer | undefined;
  #place: FeedPlace | undefined;
  /** Messages stored up to then are known already: numbers began anew. */
  #knownTime = 0;
  #queue: RawMessage[] = [];
  #head = 0;
  #version = 0;
  #wake: PromiseWithResolvers<void> | undefined;
  /** Rises with each attempt: only the latest goes on. */
  #attempt = 0;
  #restarts = -1;
  #fault: StreamFault | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** After the last message there were others that had not come yet. */
  #wasBehind = false;
  #isClosed = false;

  constructor(wire: Wire, subject: string, options: FeedOptions) {
    this.#wire = wire;
    this.#subject = subject;
    this.#options = options;
    this.#policy = options.policy;
    this.#ignoreStates = wire.onStateChange((state) => {
      if (state === "connected") this.#restart();
      else if (state === "closed") this.close();
      // Who does not wait for messages does not wait for the broker either.
      else this.#tellChange();
    });
    wire.start();
    if (wire.state === "connected") this.#restart();
  }

  /** Messages that wait here. */
  get waiting(): number {
    return this.#queue.length - this.#head;
  }
  /** All that there was has been taken. */
  get isAtEnd(): boolean {
    return this.waiting === 0 && this.#place?.isCaughtUp === true;
  }
  /** How often the reading had to be begun anew. */
  get restarts(): number {
    return Math.max(0, this.#restarts);
  }
  get fault(): StreamFault | undefined {
    return this.#fault;
  }
  get isReading(): boolean {
    return this.#consumer !== undefined;
  }
  get lastSeq(): number {
    return this.#place?.seq ?? 0;
  }

  /** The next message; undefined when none waits here. */
  take(): RawMessage | undefined {
    const raw = this.#queue[this.#head];
    if (!raw) return undefined;
    this.#head += 1;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head >= 512) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    this.#consumer?.ask();
    return raw;
  }

  /** Rises with every change: a message, the end of what there is, a fault, the close. */
  get version(): number {
    return this.#version;
  }

  /** Resolves when there was a change since that version. */
  async changed(since: number): Promise<void> {
    if (since !== this.#version) return;
    this.#wake ??= Promise.withResolvers();
    await this.#wake.promise;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#attempt += 1;
    this.#ignoreStates();
    this.#consumer?.stop();
    this.#consumer = undefined;
    this.#tellChange();
  }

  #tellChange(): void {
    this.#version += 1;
    this.#wake?.resolve();
    this.#wake = undefined;
  }

  #restart(): void {
    if (this.#isClosed) return;
    this.#consumer?.stop();
    this.#consumer = undefined;
    const { connection } = this.#wire;
    if (connection) void this.#read(connection, ++this.#attempt);
  }

  async #read(connection: NatsConnection, attempt: number): Promise<void> {
    this.#restarts += 1;
    for (let pauseMs = AGAIN_MS; ; pauseMs = Math.min(LONGEST_AGAIN_MS, pauseMs * 2)) {
      const fault = await this.#open(connection, attempt);
      if (attempt !== this.#attempt) return;
      const isNew = fault?.message !== this.#fault?.message;
      this.#fault = fault;
      this.#tellChange();
      if (!fault) return;
      // What goes with the connection comes back with it, and is told by the messenger.
      if (isNew && fault.reason !== "disconnected") this.#options.onStreamFault(fault.message);
      // For good: another one begins an attempt of its own.
      if (connection.isClosed()) return;
      await Bun.sleep(pauseMs);
      if (attempt !== this.#attempt) return;
    }
  }

  async #open(connection: NatsConnection, attempt: number): Promise<StreamFault | undefined> {
    const stream = await findStreamOf(connection, this.#subject);
    if (!stream.ok || attempt !== this.#attempt) return stream.ok ? undefined : stream;
    const { start, missed, isAnew } = feedStart(this.#policy, this.#options.startTime, stream, this.#place);
    const opened = await openPullConsumer(connection, stream.name, this.#subject, start, {
      message: (message, place, afterBreak) => {
        if (attempt === this.#attempt) this.#take(message, place, afterBreak || this.#wasBehind);
      },
      waiting: () => this.waiting,
      // What was taken last is known: it goes on after that.
      ended: () => void (attempt === this.#attempt && this.#restart()),
    });
    if (!opened.ok) return opened;
    if (attempt !== this.#attempt) {
      opened.consumer.stop();
      return undefined;
    }
    this.#stream = stream;
    this.#begin(stream, isAnew === true, opened.pending === 0);
    if (missed) this.#options.onMissed({ subject: this.#subject, ...missed });
    this.#consumer = opened.consumer;
    opened.consumer.ask();
    return undefined;
  }

  #begin({ created, lastSeq, lastTime }: FoundStream, isAnew: boolean, isEmpty: boolean): void {
    const isNew = !this.#place && this.#policy === "new";
    this.#place ??= { seq: 0, time: 0, isCaughtUp: false, created };
    if (isAnew) {
      // Of another stream all is new; of one that has lost its end, what was stored since.
      this.#knownTime = this.#place.created === created ? this.#place.time : 0;
      this.#policy = "all";
      this.#place = { ...this.#place, seq: 0, isCaughtUp: false, created };
    }
    if (!isNew && !isEmpty) return;
    // Nothing of what is there is to be read: it goes on behind all of it, whatever that is.
    const { seq, time } = this.#place;
    this.#place = { seq: Math.max(seq, lastSeq), time: Math.max(time, lastTime), isCaughtUp: true, created };
  }

  #take(message: Msg, place: StreamPlace, mayLack: boolean): void {
    const known = this.#place;
    const stream = this.#stream;
    if (!known || !stream) return;
    const isKnown = place.seq <= known.seq || place.time <= this.#knownTime;
    if (!isKnown) {
      const isContinued =
        known.seq > 0 && (known.isCaughtUp || this.#policy === "all" || this.#policy === "by_start_time");
      if (isContinued && place.seq > known.seq + 1) this.#gap(stream, known.seq + 1, place, mayLack);
      known.seq = place.seq;
      known.time = Math.max(known.time, place.time);
      this.#queue.push({ message, place, stream: stream.name });
    }
    if (place.pending === 0) known.isCaughtUp = true;
    this.#wasBehind = place.pending > 0;
    if (isKnown) this.#consumer?.ask();
    this.#tellChange();
  }

  /** Numbers are left out: those of other subjects, or of messages that were removed before they were read. */
  #gap({ name, subjects }: FoundStream, from: number, { seq }: StreamPlace, mayLack: boolean): void {
    const subject = this.#subject;
    const [only] = subjects;
    if (subjects.length === 1 && (only === subject || subject === ">")) {
      this.#options.onMissed({ subject, from, to: seq - 1, isExact: true, why: "removed" });
      return;
    }
    // Who was up to date, and had room for more, has lost nothing.
    const { connection } = this.#wire;
    if (!mayLack || !connection || performance.now() - this.#lookedAt < LOOK_PAUSE_MS) return;
    this.#lookedAt = performance.now();
    void findStreamOf(connection, subject).then((now) => {
      if (!now.ok || now.name !== name || now.firstSeq <= from || this.#isClosed) return;
      this.#options.onMissed({ subject, from, to: Math.min(seq, now.firstSeq) - 1, isExact: false, why: "removed" });
    });
  }
}

/** The error that a fault of the stream is, for who cannot wait. */
export function streamError({ reason, message }: StreamFault): NoStreamError {
  return new NoStreamError(
    message,
    reason === "no_jetstream" ? { hint: "start it with JetStream (nats-server -js)" } : {},
  );
}
