// One of the three streams, read and followed: what it holds, then each message once, over outages, losses and streams
// that are made later or anew.
import type { NatsConnection } from "nats";
import { type ConsumerEvents, type ConsumerStart, openConsumer, type StreamConsumer } from "../messaging/consumer.ts";
import { streamsOf } from "../messaging/jetstream.ts";
import { CAUGHT_UP_MS } from "../messaging/read-to-end.ts";
import { type Snapshot, usualStream } from "../messaging/snapshot.ts";
import { type BadMessage, readWireMessage, type WireMessage } from "../messaging/wire-message.ts";

export type StreamFault = Pick<Extract<Snapshot, { ok: false }>, "reason" | "message">;

/** What a stream was found to hold. */
export interface StreamContents {
  /** In order: what was missed (if wanted), then the last message of each subject. */
  messages: WireMessage[];
  /** Every subject that it has, also of messages that could not be read. */
  subjects: ReadonlySet<string>;
}

export interface StreamWatchEvents {
  /** At first, and again after each interruption. */
  contents(contents: StreamContents): void;
  /** One that came since. */
  message(message: WireMessage): void;
  bad(bad: BadMessage): void;
  /** It cannot be read now; it is tried again and again. */
  fault(fault: StreamFault): void;
}

export interface StreamWatchOptions {
  /** As `svc.status.>`. */
  subjects: string;
  /** After an interruption, tell also what was overtaken meanwhile by later messages of the same subject. */
  wantsMissed: boolean;
}

/** Pause before another attempt to read, milliseconds. */
const AGAIN_MS = 500;
/** The same when a message was lost on the way. */
const LOST_MS = 50;
/** The broker tells every five seconds that it is there: after so long without, the reading is begun anew. */
const SILENCE_MS = 12_000;
/** Everything is read anew this often, milliseconds: what the broker has forgotten is not kept here for ever. */
const REREAD_MS = 3_600_000;
/** More than this is not caught up with, messages: the last of each subject must do. */
const MOST_MISSED = 20_000;

/** One attempt to read, until the next. */
interface Reading {
  connection: NatsConnection;
  missed: WireMessage[];
  last: WireMessage[];
  subjects: Set<string>;
  consumers: Set<StreamConsumer>;
  /** All that there was has been told: what comes now is new. */
  isWhole: boolean;
  isOver: boolean;
}

/** What one consumer brings. */
interface Part {
  /** All that there was when it was opened has been told. */
  whole: Promise<void>;
  /** How much that was. */
  pending: number;
  stop(): void;
}

export class StreamWatch {
  readonly #options: StreamWatchOptions;
  readonly #events: StreamWatchEvents;
  #reading: Reading | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  /** When the broker stored the latest message that was told, milliseconds since the epoch. */
  #toldUntil = 0;
  /** `performance.now()` of the last whole reading. */
  #readAt = 0;

  constructor(options: StreamWatchOptions, events: StreamWatchEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Reads (again) what there is, and follows. */
  read(connection: NatsConnection): void {
    this.stop();
    const reading: Reading = {
      connection,
      missed: [],
      last: [],
      subjects: new Set(),
      consumers: new Set(),
      isWhole: false,
      isOver: false,
    };
    this.#reading = reading;
    void this.#read(reading).then((fault) => {
      if (!fault || reading.isOver) return;
      this.#readAgain(reading, AGAIN_MS);
      this.#events.fault(fault);
    });
  }

  #readAgain(reading: Reading, delayMs: number): void {
    this.stop();
    this.#again = setTimeout(() => this.read(reading.connection), delayMs);
  }

  stop(): void {
    clearTimeout(this.#again);
    if (!this.#reading) return;
    this.#reading.isOver = true;
    for (const consumer of this.#reading.consumers) consumer.stop();
    this.#reading = undefined;
  }

  /** Begins anew where the broker has fallen silent, or after long. To be called about every second. */
  check(): void {
    const reading = this.#reading;
    if (!reading) return;
    const isLong = reading.isWhole && performance.now() - this.#readAt > REREAD_MS;
    const isSilent = [...reading.consumers].some(({ silentMs }) => silentMs > SILENCE_MS);
    if (isLong || isSilent) this.read(reading.connection);
  }

  /** Never rejects. */
  async #read(reading: Reading): Promise<StreamFault | undefined> {
    const names = await this.#streams(reading.connection);
    if (!Array.isArray(names)) return names;
    const wholes: Promise<void>[] = [];
    for (const name of names) {
      const fault = (await this.#catchUp(reading, name)) ?? (await this.#readLast(reading, name, wholes));
      if (fault || reading.isOver) return fault;
    }
    await Promise.all(wholes);
    if (reading.isOver) return undefined;
    reading.isWhole = true;
    this.#readAt = performance.now();
    const { missed, last, subjects } = reading;
    if (names.length > 1) for (const part of [missed, last]) part.sort((a, b) => a.time - b.time);
    const messages = [...missed, ...last];
    reading.missed = [];
    reading.last = [];
    reading.subjects = new Set();
    for (const { time } of messages) this.#toldUntil = Math.max(this.#toldUntil, time);
    this.#events.contents({ messages, subjects });
    return undefined;
  }

  /** The streams to read: the usual one, or whichever store these subjects. */
  async #streams(connection: NatsConnection): Promise<string[] | StreamFault> {
    const { subjects } = this.#options;
    const usual = usualStream(subjects);
    const found = await streamsOf(connection, subjects);
    if (!found.ok) return found.reason === "refused" && usual !== undefined ? [usual] : found;
    if (usual !== undefined && found.names.includes(usual)) return [usual];
    if (found.names.length > 0) return found.names;
    return { reason: "no_stream", message: `no stream on this broker stores ${subjects}` };
  }

  /** What came since the latest message that was told. */
  async #catchUp(reading: Reading, stream: string): Promise<StreamFault | undefined> {
    if (!this.#options.wantsMissed || this.#toldUntil === 0) return undefined;
    // That instant again: of several messages in it, not all may have been told. Those that were are known by number.
    const from = new Date(this.#toldUntil - 1).toISOString();
    const start = { deliver_policy: "by_start_time", opt_start_time: from } as const;
    const opened = await this.#open(reading, stream, start, (message) => reading.missed.push(message), {
      idleMs: CAUGHT_UP_MS,
    });
    if ("reason" in opened) return opened;
    if (opened.pending > MOST_MISSED) reading.missed = [];
    else await opened.whole;
    opened.stop();
    return undefined;
  }

  /** Opens it for good: the last message of each subject, then all that come. */
  async #readLast(reading: Reading, stream: string, wholes: Promise<void>[]): Promise<StreamFault | undefined> {
    const take = (message: WireMessage) => {
      if (!reading.isWhole) reading.last.push(message);
      else {
        this.#toldUntil = Math.max(this.#toldUntil, message.time);
        this.#events.message(message);
      }
    };
    const opened = await this.#open(reading, stream, { deliver_policy: "last_per_subject" }, take, {
      seen: reading.subjects,
    });
    if ("reason" in opened) return opened;
    wholes.push(opened.whole);
    return undefined;
  }

  /**
   * @param options.seen gets the subjects of all that comes, until the reading is whole
   * @param options.idleMs how soon the broker says that there is nothing more, milliseconds; default 5,000
   */
  async #open(
    reading: Reading,
    stream: string,
    start: ConsumerStart,
    take: (message: WireMessage) => void,
    { seen, idleMs }: { seen?: Set<string>; idleMs?: number } = {},
  ): Promise<Part | StreamFault> {
    const { promise: whole, resolve } = Promise.withResolvers<void>();
    const events: ConsumerEvents = {
      message: (subject, payload, place) => {
        if (reading.isOver) return;
        if (!reading.isWhole) seen?.add(subject);
        const read = readWireMessage(subject, payload, place);
        if (read.ok) take(read.message);
        else this.#events.bad(read.bad);
      },
      caughtUp: resolve,
      lost: () => {
        if (!reading.isOver) this.#readAgain(reading, LOST_MS);
      },
    };
    const options = idleMs === undefined ? {} : { idleMs };
    const consumer = await openConsumer(reading.connection, stream, this.#options.subjects, start, events, options);
    if (!consumer.ok) return consumer;
    if (reading.isOver) consumer.stop();
    else reading.consumers.add(consumer);
    const stop = () => {
      reading.consumers.delete(consumer);
      consumer.stop();
    };
    return { whole, pending: consumer.pending, stop };
  }
}
