// Reading a subject from its stream: message by message, as fast as they are taken.
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { checkFilter, checkSchema, waitMs } from "./arguments.ts";
import { ReadTimeoutError, SchemaError } from "./errors.ts";
import { checkStart, type DeliverPolicy, type MissedMessages } from "./feed-start.ts";
import { type ReadFault, type Received, readReceived } from "./received.ts";
import { checked, type Schema } from "./schema.ts";
import { StreamFeed, streamError } from "./stream-feed.ts";
import type { Part, Wire } from "./wire.ts";

export interface ReaderOptions<T = JsonObject> {
  /**
   * Which messages of the past come first: `all` (default), `last`, `last_per_subject` (of each subject that wildcards
   * mean), `by_start_time`, or `new`: none.
   */
  deliverPolicy?: DeliverPolicy;
  /** For `by_start_time`: from then on. */
  startTime?: Date;
  /** Ends when all is read that is there, instead of waiting for more. Throws when it cannot be read. */
  nowait?: boolean;
  /** Messages that do not fit are told to `onError`, and skipped. */
  schema?: Schema<T>;
  /** Messages were removed from the stream before they could be read. Default: a warning in the log. */
  onMissed?: (missed: MissedMessages) => void;
  /** Something went wrong; the reading goes on. Default: a warning in the log, once for each kind. */
  onError?: (fault: ReadFault) => void;
}

export interface ReaderHealth {
  kind: "reader" | "subscriber" | "journal-reader" | "progress-reader" | "document";
  subject: string;
  /** Whether messages come now, or why not. */
  isReading: boolean;
  fault: string | undefined;
  /** Messages handed out, and those that were skipped because they could not be read or did not fit. */
  read: number;
  skipped: number;
  /** At most so many messages were removed before they could be read. */
  missed: number;
  /** Messages that wait here to be taken: never more than about a thousand. */
  waiting: number;
  /** How often the reading had to be begun anew. */
  restarts: number;
  lastSeq: number;
}

/** How long a reader that does not wait for messages waits for the broker, milliseconds. */
const NOWAIT_LIMIT_MS = 5_000;

/**
 * Reads a subject (wildcards allowed) from its stream, from some place on, over outages. Made by `messenger.getReader`.
 * It takes from the broker what it has room for: who reads slowly uses no memory for it.
 * @typeParam T what data is
 */
export class Reader<T = JsonObject> implements Part, AsyncIterable<Received<T>>, AsyncDisposable {
  readonly subject: string;
  readonly #wire: Wire;
  readonly #options: ReaderOptions<T>;
  readonly #kind: ReaderHealth["kind"];
  readonly #forget: () => void;
  readonly #told = new Set<string>();
  #feed: StreamFeed | undefined;
  #read = 0;
  #skipped = 0;
  #missed = 0;
  #isClosed = false;

  constructor(wire: Wire, subject: string, options: ReaderOptions<T> = {}, kind: ReaderHealth["kind"] = "reader") {
    checkFilter(subject, "read");
    checkSchema(subject, options.schema);
    checkStart(subject, options);
    this.subject = subject;
    this.#wire = wire;
    this.#options = options;
    this.#kind = kind;
    this.#forget = wire.adopt(this);
  }

  /**
   * The next message; undefined when the reader was closed, or (`nowait`) when all is read.
   * @param limitMs how long to wait, milliseconds; default: for ever
   * @throws ReadTimeoutError after `limitMs`
   * @throws NoStreamError, BrokerUnreachableError with `nowait` only: else it waits until there is one
   */
  async next(limitMs?: number): Promise<Received<T> | undefined> {
    const deadline =
      limitMs === undefined ? undefined : performance.now() + waitMs(`${this.subject}: the limit`, limitMs);
    if (this.#isClosed) return undefined;
    this.#feed ??= this.#begin();
    for (;;) {
      const { version } = this.#feed;
      const received = this.#takeReadable();
      if (received) {
        const { schema } = this.#options;
        const fit = schema ? await this.#fitting(received, schema) : received;
        if (fit) return fit;
        continue;
      }
      if (this.#isClosed) return undefined;
      if (this.#options.nowait && (await this.#isOver(this.#feed))) return undefined;
      await this.#wait(this.#feed, version, deadline);
    }
  }

  /** @example for await (const { data, meta } of reader) console.log(meta.nats.subject, data); */
  [Symbol.asyncIterator](): AsyncIterator<Received<T>, undefined> {
    // By hand: a generator would cost half as much again for each message.
    const end = { done: true, value: undefined } as const;
    const wait = async (): Promise<IteratorResult<Received<T>, undefined>> => {
      const value = await this.next();
      if (value) return { done: false, value };
      this.close();
      return end;
    };
    return {
      next: () => {
        // What is here and needs no check is not waited for: a second promise for each costs.
        const value = this.#options.schema ? undefined : this.#takeReadable();
        return value ? Promise.resolve({ done: false, value }) : wait();
      },
      return: async () => {
        this.close();
        return end;
      },
    };
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }
  get healthStatus(): ReaderHealth {
    const feed = this.#feed;
    return {
      kind: this.#kind,
      subject: this.subject,
      isReading: feed?.isReading === true && this.#wire.state === "connected",
      fault: feed?.fault?.message,
      read: this.#read,
      skipped: this.#skipped,
      missed: this.#missed,
      waiting: feed?.waiting ?? 0,
      restarts: feed?.restarts ?? 0,
      lastSeq: feed?.lastSeq ?? 0,
    };
  }

  /** Ends the reading: who waits for a message gets none. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#forget();
    this.#feed?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Tells of a fault, as its callback or the log. */
  report(fault: ReadFault): void {
    const { onError } = this.#options;
    if (onError) {
      this.#call(() => onError(fault));
      return;
    }
    if (this.#told.has(fault.kind)) return;
    this.#told.add(fault.kind);
    const where = fault.seq === undefined ? "" : ` (message ${fault.seq})`;
    this.#wire.logger?.warning(`reading ${fault.subject}${where}: ${fault.message}`);
  }

  #begin(): StreamFeed {
    const { deliverPolicy: policy = "all", startTime, onMissed } = this.#options;
    return new StreamFeed(this.#wire, this.subject, {
      policy,
      startTime,
      onMissed: (missed) => {
        this.#missed += missed.to === 0 ? 0 : missed.to - missed.from + 1;
        if (onMissed) this.#call(() => onMissed(missed));
        else this.#wire.logger?.warning(describeMissed(missed));
      },
      onStreamFault: (message) => this.report({ kind: "stream", subject: this.subject, message }),
    });
  }

  /** The next one that waits here and can be read; its data not checked yet. */
  #takeReadable(): Received<T> | undefined {
    if (this.#isClosed) return undefined;
    for (let raw = this.#feed?.take(); raw; raw = this.#feed?.take()) {
      const read = readReceived(raw.message, raw.place, raw.stream);
      if (read.ok) {
        this.#read += 1;
        // Without a schema the caller has said what data is; with one it is checked before it is handed out.
        return read.received as Received<T>;
      }
      this.#skip(read.fault);
    }
    return undefined;
  }

  async #fitting({ data, meta }: Received<T>, schema: Schema<T>): Promise<Received<T> | undefined> {
    try {
      return { data: await checked(meta.nats.subject, schema, data), meta };
    } catch (cause) {
      this.#read -= 1;
      const seq = meta.nats.js ? { seq: meta.nats.seq } : {};
      const message = cause instanceof SchemaError ? cause.message : describeError(cause);
      return this.#skip({ kind: "schema", subject: meta.nats.subject, ...seq, message, cause });
    }
  }

  #skip(fault: ReadFault): undefined {
    this.#skipped += 1;
    this.report(fault);
  }

  /** For `nowait`: whether all is read. @throws what keeps it from being read */
  async #isOver(feed: StreamFeed): Promise<boolean> {
    await this.#wire.connected(NOWAIT_LIMIT_MS);
    if (feed.waiting > 0) return false;
    if (feed.isAtEnd) return true;
    if (feed.fault && feed.fault.reason !== "disconnected") throw streamError(feed.fault);
    return false;
  }

  async #wait(feed: StreamFeed, version: number, deadline: number | undefined): Promise<void> {
    if (deadline === undefined) {
      await feed.changed(version);
      return;
    }
    const late = Promise.withResolvers<never>();
    const fault = () =>
      feed.fault ? `: ${feed.fault.message}` : this.#wire.state === "connected" ? "" : ": the broker is away";
    const give = () => late.reject(new ReadTimeoutError(`no message on ${this.subject} in the time given${fault()}`));
    const timer = setTimeout(give, Math.max(0, deadline - performance.now()));
    try {
      await Promise.race([feed.changed(version), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A callback of the program: what it throws must not end the reading. */
  #call(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#wire.logger?.error(`reading ${this.subject}: a callback has thrown: ${describeError(error)}`);
    }
  }
}

function describeMissed({ subject, from, to, isExact, why }: MissedMessages): string {
  if (why === "another stream")
    return `${subject}: its stream was made anew; what was in the old one and not read is lost`;
  const count = to - from + 1;
  return `${subject}: ${isExact ? count : `up to ${count}`} messages were removed from the stream before they were read`;
}
