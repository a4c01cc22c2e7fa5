// User callbacks, contained: what they throw, or never return, stays here.
import { describeError } from "../common/errors.ts";

/** What became of a call. `ended` settles when a callback that took too long comes to an end after all. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; fault: string; ended?: Promise<void> };

/** How long a callback may take, milliseconds. */
export const CALLBACK_LIMIT_MS = 5_000;

/** Calls `callback` and reads what it gives. A plain result comes at once, a promise never rejects and ends in time. */
function contain<T>(
  callback: () => unknown,
  read: (result: unknown) => T,
  limitMs: number,
): Outcome<T> | Promise<Outcome<T>> {
  try {
    const result = callback();
    return isThenable(result) ? settle(Promise.resolve(result).then(read), limitMs) : { ok: true, value: read(result) };
  } catch (error) {
    return { ok: false, fault: describeError(error) };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function settle<T>(promise: Promise<T>, limitMs: number): Promise<Outcome<T>> {
  const { promise: outcome, resolve } = Promise.withResolvers<Outcome<T>>();
  const answer = promise.then(
    (value) => resolve({ ok: true, value }),
    (error: unknown) => resolve({ ok: false, fault: describeError(error) }),
  );
  const late = () => resolve({ ok: false, fault: `no answer within ${limitMs / 1000} s`, ended: answer });
  const timer = setTimeout(late, limitMs);
  return outcome.finally(() => clearTimeout(timer));
}

/**
 * One user callback that is called again and again: never twice at a time, its troubles told once until it works again.
 * (One that blocks the event loop cannot be contained from within it.)
 */
export class ContainedCallback<T> {
  readonly name: string;
  readonly #callback: () => unknown;
  readonly #read: (result: unknown) => T;
  readonly #limitMs: number;
  readonly #tell: (text: string) => void;
  #last: Outcome<T> | undefined;
  #pending: Promise<Outcome<T>> | undefined;
  #stuck = false;
  #told = false;

  /**
   * @param kind what it is, for messages: "health check"
   * @param read makes the value of what the callback gives; throws when that cannot be
   */
  constructor(
    kind: string,
    callback: () => unknown,
    read: (result: unknown) => T,
    limitMs: number,
    tell: (text: string) => void,
  ) {
    this.name = callback.name === "" ? kind : `${kind} ${callback.name}`;
    this.#callback = callback;
    this.#read = read;
    this.#limitMs = limitMs;
    this.#tell = tell;
  }

  /** What the last finished call gave. */
  get last(): Outcome<T> | undefined {
    return this.#last;
  }

  /** Calls it, unless an earlier call is still out: then that one's outcome (or "no answer") counts. */
  call(): Outcome<T> | Promise<Outcome<T>> {
    if (this.#pending) return this.#pending;
    if (this.#stuck && this.#last) return this.#last;
    const result = contain(this.#callback, this.#read, this.#limitMs);
    if (!(result instanceof Promise)) return this.#accept(result);
    this.#pending = result.then((outcome) => this.#accept(outcome));
    return this.#pending;
  }

  #accept(outcome: Outcome<T>): Outcome<T> {
    this.#pending = undefined;
    this.#last = outcome;
    if (outcome.ok) {
      this.#told = false;
      return outcome;
    }
    if (outcome.ended) {
      this.#stuck = true;
      void outcome.ended.then(() => {
        this.#stuck = false;
      });
    }
    if (!this.#told) this.#tell(`${this.name} failed: ${outcome.fault}`);
    this.#told = true;
    return outcome;
  }
}
