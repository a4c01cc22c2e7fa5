// One value of a subject: the last one, or the first that comes.
import type { JsonObject } from "../common/json.ts";
import { ReadTimeoutError } from "./errors.ts";
import { Reader, type ReaderOptions } from "./reader.ts";
import type { Received } from "./received.ts";
import type { Wire } from "./wire.ts";

/** How long the last value may take to come when none is waited for, milliseconds. */
const READ_LIMIT_MS = 5_000;

export interface SingleReaderOptions<T> extends Omit<ReaderOptions<T>, "nowait"> {}

/** Reads single messages. Made by `messenger.getSingleReader`. Each `read` is a reading of its own. */
export class SingleReader<T = JsonObject> {
  readonly subject: string;
  readonly #wire: Wire;
  readonly #options: SingleReaderOptions<T>;

  constructor(wire: Wire, subject: string, options: SingleReaderOptions<T> = {}) {
    this.#wire = wire;
    this.subject = subject;
    this.#options = { deliverPolicy: "last", ...options };
  }

  /**
   * The last message; if there is none yet, the first that comes.
   * @param options.timeoutMs how long to wait for one; 0: only what is there. Default 5,000
   * @throws ReadTimeoutError when there is none, or none came in time
   * @throws NoStreamError, BrokerUnreachableError with `timeoutMs: 0`
   * @example const { data } = await messenger.getSingleReader("site.config").read();
   */
  async read({ timeoutMs = READ_LIMIT_MS }: { timeoutMs?: number } = {}): Promise<Received<T>> {
    const nowait = timeoutMs === 0;
    await using reader = new Reader<T>(this.#wire, this.subject, { ...this.#options, nowait });
    const received = await reader.next(nowait ? READ_LIMIT_MS : timeoutMs);
    if (received) return received;
    throw new ReadTimeoutError(`no message on ${this.subject}`);
  }
}
