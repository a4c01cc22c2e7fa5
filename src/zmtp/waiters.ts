// Callers that wait for something, first come, first served: each with a time limit and a signal of its own.
import { ZmtpTimeoutError } from "./errors.ts";
import { Fifo } from "./fifo.ts";
import { after } from "./timer.ts";

export interface WaitOptions {
  /** Gives up after this, milliseconds. Default: never. */
  timeoutMs?: number | undefined;
  /** Gives up when it is aborted, with its reason. */
  signal?: AbortSignal | undefined;
}

/** `P`: what a caller has left; `T`: what it gets. */
interface Waiter<P, T> {
  payload: P;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export class Waiters<P, T> {
  readonly #queue = new Fifo<Waiter<P, T>>();

  get size(): number {
    return this.#queue.size;
  }

  /** What the first in the queue has left. */
  get first(): P | undefined {
    return this.#queue.peek()?.payload;
  }

  /** @param what is waited for, in the words of the ZmtpTimeoutError */
  wait(payload: P, what: string, { timeoutMs = Number.POSITIVE_INFINITY, signal }: WaitOptions = {}): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const waiter: Waiter<P, T> = { payload, resolve, reject };
    this.#queue.push(waiter);
    if (signal || timeoutMs < Number.POSITIVE_INFINITY) this.#limit(waiter, what, timeoutMs, signal);
    return promise;
  }

  /** Serves the first in the queue. */
  resolveNext(value: T): void {
    this.#queue.shift()?.resolve(value);
  }

  /** Serves all, wherever they are in the queue, whose payload is so. */
  resolveWhere(isServed: (payload: P) => boolean, value: T): void {
    for (const waiter of this.#queue.drain()) {
      if (isServed(waiter.payload)) waiter.resolve(value);
      else this.#queue.push(waiter);
    }
  }

  rejectAll(error: unknown): void {
    for (const waiter of this.#queue.drain()) waiter.reject(error);
  }

  #limit(waiter: Waiter<P, T>, what: string, timeoutMs: number, signal: AbortSignal | undefined): void {
    const { resolve, reject } = waiter;
    const giveUp = (error: unknown) => {
      if (this.#queue.remove(waiter)) waiter.reject(error);
    };
    const onAbort = () => giveUp(signal?.reason);
    const forget = after(timeoutMs, () => giveUp(new ZmtpTimeoutError(`${what}: not within ${timeoutMs} ms`)));
    const done = () => {
      forget();
      signal?.removeEventListener("abort", onAbort);
    };
    waiter.resolve = (value) => {
      done();
      resolve(value);
    };
    waiter.reject = (error) => {
      done();
      reject(error);
    };
    signal?.addEventListener("abort", onAbort);
  }
}
