// The one lifecycle of a service: which states there are, what may follow what, and how to wait for one.
import { TcsError } from "../common/errors.ts";

export const LIFECYCLE_STATES = [
  "initializing",
  "initialized",
  "starting",
  "started",
  "running",
  "stopping",
  "stopped",
  "failed",
] as const;
export type LifecycleState = (typeof LIFECYCLE_STATES)[number];

/** The states from which each state may be entered. */
export const VALID_FROM = {
  initializing: ["stopped", "failed"],
  initialized: ["initializing"],
  starting: ["initialized"],
  started: ["starting"],
  running: ["started"],
  stopping: ["initializing", "initialized", "starting", "started", "running", "failed"],
  stopped: ["stopping"],
  failed: ["initializing", "initialized", "starting", "started", "running", "stopping"],
} as const satisfies Record<LifecycleState, readonly LifecycleState[]>;

export interface LifecycleStep {
  state: LifecycleState;
  /** Monotonic clock (`performance.now()`), milliseconds. */
  atMs: number;
}

/** A transition that the lifecycle does not allow. */
export class LifecycleError extends TcsError {
  override readonly code = "E_LIFECYCLE";
}

const HISTORY_LIMIT = 100;

/** State machine of one service. Starts in `initializing`. */
export class Lifecycle {
  #state: LifecycleState = "initializing";
  readonly #history: LifecycleStep[] = [{ state: "initializing", atMs: performance.now() }];
  readonly #listeners = new Set<(state: LifecycleState, previous: LifecycleState) => void>();

  get state(): LifecycleState {
    return this.#state;
  }

  /** The latest steps (at most 100), oldest first. */
  get history(): readonly LifecycleStep[] {
    return this.#history;
  }

  /** True once the service has ended and will not run again by itself. */
  get ended(): boolean {
    return this.#state === "stopped" || this.#state === "failed";
  }

  /** Whether `next` may follow now. */
  can(next: LifecycleState): boolean {
    return (VALID_FROM[next] as readonly LifecycleState[]).includes(this.#state);
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
    this.#history.push({ state: next, atMs: performance.now() });
    if (this.#history.length > HISTORY_LIMIT) this.#history.shift();
    for (const listener of [...this.#listeners]) listener(next, previous);
  }

  /** Call `listener` at each transition. @returns a function that ends it */
  onChange(listener: (state: LifecycleState, previous: LifecycleState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Resolves when `state` is entered (at once if it is the present one). A state that is entered and left again is seen.
   * @throws LifecycleError after `timeoutMs`, or when the service has ended in another state
   */
  async waitFor(state: LifecycleState, options: { timeoutMs?: number } = {}): Promise<void> {
    if (this.#state === state) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const unsubscribe = this.onChange((entered) => {
      if (entered === state) resolve();
      else if (entered === "stopped") reject(new LifecycleError(`the service stopped before it was ${state}`));
      else if (entered === "failed") reject(new LifecycleError(`the service failed before it was ${state}`));
    });
    const { timeoutMs } = options;
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(
            () => reject(new LifecycleError(`still ${this.#state} after ${timeoutMs} ms, expected ${state}`)),
            timeoutMs,
          );
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      unsubscribe();
    }
  }
}
