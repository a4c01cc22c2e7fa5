// A reader with a callback: called with one message after the other, each awaited.
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { checkCallback } from "./arguments.ts";
import { ClosedError } from "./errors.ts";
import { Reader, type ReaderHealth, type ReaderOptions } from "./reader.ts";
import type { Received } from "./received.ts";
import type { Wire } from "./wire.ts";

/** `false` ends the subscription; whatever else it returns is awaited, and passed over. What it throws goes to `onError`. */
export type MessageCallback<T> = (received: Received<T>) => unknown;

/** Calls a callback with each message. Made by `messenger.getCallbackSubscriber`. */
export class CallbackSubscriber<T = JsonObject> implements AsyncDisposable {
  readonly #reader: Reader<T>;
  #running: Promise<void> | undefined;

  constructor(wire: Wire, subject: string, options: ReaderOptions<T> = {}) {
    this.#reader = new Reader(wire, subject, { deliverPolicy: "last", ...options }, "subscriber");
  }

  get subject(): string {
    return this.#reader.subject;
  }
  get healthStatus(): ReaderHealth {
    return this.#reader.healthStatus;
  }
  /** Resolves when it has ended: closed, by `false` of its callback, or (`nowait`) because all is read. */
  get ended(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  /** Begins. @example subscriber.subscribe(({ data }) => dome.moveTo(data.azimuth)); */
  subscribe(callback: MessageCallback<T>): this {
    checkCallback(this.subject, callback);
    if (this.#reader.isClosed) throw new ClosedError(`${this.subject}: the subscriber is closed`);
    // A second callback would take messages away from the first.
    if (this.#running) throw new TypeError(`${this.subject}: there is a callback already`);
    this.#running = this.#run(callback);
    return this;
  }

  /** No more messages are taken; the callback under way is waited for. It must not wait for this itself: it returns `false`. */
  async close(): Promise<void> {
    this.#reader.close();
    await this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(callback: MessageCallback<T>): Promise<void> {
    for (let received = await this.#next(); received; received = await this.#next()) {
      try {
        if ((await callback(received)) === false) break;
      } catch (cause) {
        const { nats } = received.meta;
        const seq = nats.js ? { seq: nats.seq } : {};
        this.#reader.report({ kind: "callback", subject: nats.subject, ...seq, message: describeError(cause), cause });
      }
    }
    this.#reader.close();
  }

  async #next(): Promise<Received<T> | undefined> {
    try {
      return await this.#reader.next();
    } catch (cause) {
      // With `nowait` only: there is nothing to read from.
      this.#reader.report({ kind: "stream", subject: this.subject, message: describeError(cause), cause });
      return undefined;
    }
  }
}
