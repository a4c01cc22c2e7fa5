// Hearing a subject live, outside of streams: what is published while nobody listens is not heard.
import { AsyncResource } from "node:async_hooks";
import type { Msg } from "nats";
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { checkCallback, checkFilter, checkNumber, checkSchema } from "./arguments.ts";
import type { MessageCallback } from "./callback-subscriber.ts";
import { ClosedError, SchemaError } from "./errors.ts";
import { type ReadFault, type Received, readReceived } from "./received.ts";
import { checked, type Schema } from "./schema.ts";
import type { Part, Wire } from "./wire.ts";

export interface CoreSubscriberOptions<T> {
  /** Messages that do not fit are told to `onError`, and skipped. */
  schema?: Schema<T>;
  /** Of all subscribers with the same queue one gets each message. */
  queue?: string;
  /** Messages that may wait for the callback; of more the oldest are dropped, and counted. Default 1,000. */
  maxWaiting?: number;
  /** Something went wrong; messages go on. Default: a warning in the log, once for each kind. */
  onError?: (fault: ReadFault) => void;
}

export interface CoreSubscriberHealth {
  kind: "core-subscriber";
  subject: string;
  read: number;
  skipped: number;
  /** Messages that came faster than they were taken, and were dropped. */
  dropped: number;
  waiting: number;
}

/** Calls a callback with each message as it comes, one after the other. Made by `messenger.getCoreSubscriber`. */
export class CoreSubscriber<T = JsonObject> implements Part, AsyncDisposable {
  readonly subject: string;
  readonly #wire: Wire;
  readonly #options: CoreSubscriberOptions<T>;
  readonly #forget: () => void;
  readonly #told = new Set<string>();
  #end: (() => void) | undefined;
  #callback: MessageCallback<T> | undefined;
  #queue: Msg[] = [];
  #working: Promise<void> | undefined;
  #read = 0;
  #skipped = 0;
  #dropped = 0;
  #isClosed = false;

  constructor(wire: Wire, subject: string, options: CoreSubscriberOptions<T> = {}) {
    checkFilter(subject, "hear");
    checkSchema(subject, options.schema);
    if (options.queue !== undefined) checkFilter(options.queue, "share as a queue");
    if (options.maxWaiting !== undefined) checkNumber(`${subject}: maxWaiting`, options.maxWaiting, 1);
    this.#wire = wire;
    this.subject = subject;
    this.#options = options;
    this.#forget = wire.adopt(this);
  }

  /** Begins; over outages it goes on by itself. `false` of the callback ends it. */
  subscribe(callback: MessageCallback<T>): this {
    checkCallback(this.subject, callback);
    if (this.#isClosed) throw new ClosedError(`${this.subject}: the subscriber is closed`);
    if (this.#callback) throw new TypeError(`${this.subject}: there is a callback already`);
    this.#wire.start();
    // As code of who subscribes, not of who happened to open the connection.
    this.#callback = AsyncResource.bind(callback);
    const { queue } = this.#options;
    this.#end = this.#wire.standing.add(
      this.subject,
      (error, message) => {
        if (error) this.#report({ kind: "stream", subject: this.subject, message: describeError(error), cause: error });
        else this.#take(message);
      },
      queue === undefined ? {} : { queue },
    );
    return this;
  }

  get healthStatus(): CoreSubscriberHealth {
    return {
      kind: "core-subscriber",
      subject: this.subject,
      read: this.#read,
      skipped: this.#skipped,
      dropped: this.#dropped,
      waiting: this.#queue.length,
    };
  }

  /** No more messages are taken; those that have come are worked off. A callback must not wait for this: it returns `false`. */
  async close(): Promise<void> {
    this.#stop();
    await this.#working;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #stop(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#forget();
    this.#end?.();
  }

  #take(message: Msg): void {
    const { maxWaiting = 1_000 } = this.#options;
    this.#queue.push(message);
    if (this.#queue.length > maxWaiting) {
      this.#queue.shift();
      this.#dropped += 1;
      const text = `messages come faster than they are taken: of more than ${maxWaiting} the oldest are dropped`;
      this.#report({ kind: "message", subject: this.subject, message: text });
    }
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    for (let message = this.#queue.shift(); message; message = this.#queue.shift()) {
      const received = await this.#readable(message);
      if (!received) continue;
      try {
        this.#read += 1;
        if ((await this.#callback?.(received)) !== false) continue;
        this.#queue = [];
        this.#stop();
      } catch (cause) {
        this.#report({ kind: "callback", subject: message.subject, message: describeError(cause), cause });
      }
    }
  }

  async #readable(message: Msg): Promise<Received<T> | undefined> {
    const { schema } = this.#options;
    const read = readReceived(message);
    if (!read.ok) return this.#skip(read.fault);
    const { data, meta } = read.received;
    try {
      // Without a schema the caller has said what data is.
      return { data: schema ? await checked(message.subject, schema, data) : (data as T), meta };
    } catch (cause) {
      const text = cause instanceof SchemaError ? cause.message : describeError(cause);
      return this.#skip({ kind: "schema", subject: message.subject, message: text, cause });
    }
  }

  #skip(fault: ReadFault): undefined {
    this.#skipped += 1;
    this.#report(fault);
  }

  #report(fault: ReadFault): void {
    const { onError } = this.#options;
    if (!onError) {
      if (!this.#told.has(fault.kind)) this.#wire.logger?.warning(`hearing ${fault.subject}: ${fault.message}`);
      this.#told.add(fault.kind);
      return;
    }
    try {
      onError(fault);
    } catch (error) {
      this.#wire.logger?.error(`hearing ${this.subject}: a callback has thrown: ${describeError(error)}`);
    }
  }
}
