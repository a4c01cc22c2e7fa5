// The one lifecycle of a service: its state, how it came to it, and who is told.
import { LONGEST_TIMER_MS } from "../../common/longest-timer.ts";
import { StateObservation } from "./observation.ts";
import {
  checkState,
  LIFECYCLE_METHODS,
  LifecycleError,
  type LifecycleMethod,
  type LifecycleState,
  type LifecycleStep,
  VALID_FROM,
} from "./states.ts";

export interface WaitOptions {
  /** Milliseconds; without it as long as the state can still come. */
  timeoutMs?: number;
  /** A look that was taken before, `lifecycle.steps`: what was entered since then counts, if only to be left again. */
  since?: number;
}

export interface LifecycleOptions {
  /** Takes what a listener throws or rejects with; a transition goes on all the same. Default: an uncaught error. */
  onError?: (error: unknown) => void;
}

type Listener = (state: LifecycleState, previous: LifecycleState) => void | Promise<void>;

const HISTORY_LIMIT = 100;

/** State machine of one service. Starts in `initializing`; entering that again begins a new life, with a new history. */
export class Lifecycle {
  #state: LifecycleState = "initializing";
  #history: LifecycleStep[] = [{ state: "initializing", atMs: performance.now() }];
  #steps = 1;
  /** Which step entered each state last: kept when the history is cut. */
  readonly #entered = new Map<LifecycleState, number>([["initializing", 1]]);
  readonly #listeners = new Set<Listener>();
  /** Steps that listeners have not been told yet. */
  readonly #untold: [LifecycleState, LifecycleState][] = [];
  #telling = false;
  readonly #onError: (error: unknown) => void;

  constructor({ onError = throwLater }: LifecycleOptions = {}) {
    this.#onError = onError;
  }

  get state(): LifecycleState {
    return this.#state;
  }

  /** The latest steps of this life (at most 100), oldest first. */
  get history(): readonly LifecycleStep[] {
    return [...this.#history];
  }

  /** How many steps there were, of all lives: a look at the lifecycle, to give to `since`. */
  get steps(): number {
    return this.#steps;
  }

  /** True once the service has ended and will not run again by itself. */
  get ended(): boolean {
    return isEnd(this.#state);
  }

  /** Whether `next` may follow now. */
  can(next: LifecycleState): boolean {
    return (VALID_FROM[next] as readonly LifecycleState[]).includes(this.#state);
  }

  /** Whether `state` was entered after the look `since`. */
  hasEntered(state: LifecycleState, since = 0): boolean {
    return (this.#entered.get(state) ?? 0) > since;
  }

  /** Enter `next`. @throws LifecycleError if it may not follow the present state */
  to(next: LifecycleState): void {
    if (!this.can(next)) {
      throw new LifecycleError(
        `a service that is ${this.#state} cannot become ${next} (only from ${VALID_FROM[next].join(", ")})`,
      );
    }
    const previous = this.#state;
    this.#state = next;
    this.#steps += 1;
    this.#entered.set(next, this.#steps);
    if (next === "initializing") this.#history = [];
    this.#history.push({ state: next, atMs: performance.now() });
    if (this.#history.length > HISTORY_LIMIT) this.#history.shift();
    this.#untold.push([next, previous]);
    this.#tell();
  }

  /** Enter the state in which `method` works. @throws LifecycleError if it may not be called now: before its body has run */
  begin(method: LifecycleMethod): void {
    const { progress } = LIFECYCLE_METHODS[method];
    if (!this.can(progress)) {
      throw new LifecycleError(
        `${method}() of a service that is ${this.#state}: expected ${VALID_FROM[progress].join(", ")}`,
      );
    }
    this.to(progress);
  }

  /** Enter the state that the return of `method` completes, if it has one. */
  complete(method: LifecycleMethod): void {
    const { completed } = LIFECYCLE_METHODS[method];
    if (completed) this.to(completed);
  }

  /** Call `listener` at each transition, in order. @returns a function that ends it */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Call `callback` each time `state` is entered. @returns a function that ends it */
  onState(state: LifecycleState, callback: () => void | Promise<void>): () => void {
    checkState(state);
    return this.onChange((entered) => (entered === state ? callback() : undefined));
  }

  /**
   * Resolves when `state` is entered; at once if it is the present one, or was entered since the look `options.since`. A
   * state that is entered and left again is seen.
   * @throws LifecycleError after `timeoutMs`, or when the service has ended in another state
   */
  async waitForState(state: LifecycleState, { timeoutMs, since }: WaitOptions = {}): Promise<void> {
    checkState(state);
    if (since === undefined ? this.#state === state : this.hasEntered(state, since)) return;
    if (isPast(state, this.#state)) throw neverReached(state, this.#state);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const unsubscribe = this.onChange((entered) => {
      if (entered === state) resolve();
      else if (isPast(state, entered)) reject(neverReached(state, entered));
    });
    const late = () => reject(new LifecycleError(`still ${this.#state} after ${timeoutMs} ms, expected ${state}`));
    const isTimed = timeoutMs !== undefined && timeoutMs <= LONGEST_TIMER_MS;
    const timer = isTimed ? setTimeout(late, timeoutMs) : undefined;
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      unsubscribe();
    }
  }

  /** Watches for `state` from now on: disposing of what it returns rejects if it was not reached. `timeoutMs`: default 1000. */
  observeStateChange(state: LifecycleState, options: { timeoutMs?: number } = {}): StateObservation {
    checkState(state);
    return new StateObservation(this, state, options);
  }

  /** A listener may itself make a step: everybody is told of this one first. */
  #tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    for (let step = this.#untold.shift(); step; step = this.#untold.shift()) {
      for (const listener of [...this.#listeners]) this.#call(listener, ...step);
    }
    this.#telling = false;
  }

  #call(listener: Listener, state: LifecycleState, previous: LifecycleState): void {
    try {
      const told = listener(state, previous);
      if (told instanceof Promise) told.catch(this.#onError);
    } catch (error) {
      this.#onError(error);
    }
  }
}

function isEnd(state: LifecycleState): boolean {
  return state === "stopped" || state === "failed";
}

/** Whether `state` comes no more in the life that is now `present`. */
function isPast(state: LifecycleState, present: LifecycleState): boolean {
  return isEnd(present) && state !== "initializing";
}

function neverReached(state: LifecycleState, end: LifecycleState): LifecycleError {
  return new LifecycleError(`the service ${end} before it was ${state}`);
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
