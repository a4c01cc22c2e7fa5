// A document that follows its subject: always the last one that was published there.
import { AsyncResource } from "node:async_hooks";
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { waitMs } from "./arguments.ts";
import { CallbackSubscriber } from "./callback-subscriber.ts";
import { ReadTimeoutError } from "./errors.ts";
import type { ReaderHealth, ReaderOptions } from "./reader.ts";
import type { ReceivedMeta } from "./received.ts";
import type { Wire } from "./wire.ts";

/** @param previous undefined at the first one */
export type DocumentListener<T> = (value: T, previous: T | undefined) => void;

/** How long `ready` waits, milliseconds. */
const FIRST_LIMIT_MS = 5_000;

/**
 * The last message of a subject, as it changes: a configuration, the state of a telescope. Made by
 * `messenger.getLiveDocument`; it follows until it is closed.
 * @example
 * ```ts
 * import { Messenger } from "ocabox-tcs/messenger";
 * await using messenger = await Messenger.open();
 * const site = messenger.getLiveDocument<{ dome: { limit: number } }>("site.config");
 * await site.ready();
 * console.log(site.value?.dome.limit);
 * site.onChange((now) => console.log("now", now.dome.limit));
 * ```
 */
export class LiveDocument<T = JsonObject> implements AsyncDisposable {
  readonly #subscriber: CallbackSubscriber<T>;
  readonly #wire: Wire;
  readonly #listeners = new Set<DocumentListener<T>>();
  readonly #first = Promise.withResolvers<void>();
  #value: T | undefined;
  #meta: ReceivedMeta | undefined;
  #version = 0;

  constructor(wire: Wire, subject: string, options: Omit<ReaderOptions<T>, "deliverPolicy" | "nowait"> = {}) {
    this.#wire = wire;
    this.#subscriber = new CallbackSubscriber<T>(wire, subject, { ...options, deliverPolicy: "last" });
    this.#subscriber.subscribe(({ data, meta }) => this.#take(data, meta));
  }

  get subject(): string {
    return this.#subscriber.subject;
  }
  /** The document, not to be changed; undefined while there is none. */
  get value(): T | undefined {
    return this.#value;
  }
  /** `meta` of the message that it came with. */
  get meta(): ReceivedMeta | undefined {
    return this.#meta;
  }
  /** How many documents there were; 0: none yet. */
  get version(): number {
    return this.#version;
  }
  get healthStatus(): ReaderHealth {
    return { ...this.#subscriber.healthStatus, kind: "document" };
  }

  /** Waits for the first document. @throws ReadTimeoutError after `timeoutMs` (default 5,000); it is followed all the same */
  async ready(timeoutMs = FIRST_LIMIT_MS): Promise<T> {
    const late = Promise.withResolvers<never>();
    const give = () => late.reject(new ReadTimeoutError(`no document on ${this.subject} within ${timeoutMs / 1000} s`));
    const timer = setTimeout(give, waitMs(`${this.subject}: timeoutMs`, timeoutMs));
    try {
      await Promise.race([this.#first.promise, late.promise]);
      // There is one now.
      return this.#value as T;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Calls `listener` at each change.
   * @param part only when this part of it has changed, as `(site) => site.dome.limit`
   * @returns ends it
   */
  onChange(listener: DocumentListener<T>, part: (value: T) => unknown = (value) => value): () => void {
    const bound = AsyncResource.bind((value: T, previous: T | undefined) => {
      const isSame = previous !== undefined && JSON.stringify(part(value)) === JSON.stringify(part(previous));
      if (!isSame) listener(value, previous);
    });
    this.#listeners.add(bound);
    return () => void this.#listeners.delete(bound);
  }

  close(): Promise<void> {
    return this.#subscriber.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #take(value: T, meta: ReceivedMeta): void {
    const previous = this.#value;
    this.#value = value;
    this.#meta = meta;
    this.#version += 1;
    this.#first.resolve();
    for (const listener of [...this.#listeners]) {
      try {
        listener(value, previous);
      } catch (error) {
        this.#wire.logger?.error(`${this.subject}: a listener has thrown: ${describeError(error)}`);
      }
    }
  }
}
