// A block of code during which a state must be reached: checked when the block is left.
import type { LifecycleState } from "./states.ts";

/** What is asked of the lifecycle that is observed. */
interface Observed {
  readonly steps: number;
  hasEntered(state: LifecycleState, since: number): boolean;
  waitForState(state: LifecycleState, options: { since: number; timeoutMs: number }): Promise<void>;
}

/** How long the end of the block waits for the state by default, milliseconds. */
const REACH_LIMIT_MS = 1_000;

/**
 * Made by `observeStateChange`. Disposing of it waits until the state has been entered since it was made.
 * @example
 * ```ts
 * await using _ = dome.observeStateChange("stopped");
 * await dome.stop();
 * ```
 */
export class StateObservation implements AsyncDisposable {
  readonly #lifecycle: Observed;
  readonly #state: LifecycleState;
  readonly #since: number;
  readonly #timeoutMs: number;

  constructor(lifecycle: Observed, state: LifecycleState, { timeoutMs = REACH_LIMIT_MS }: { timeoutMs?: number } = {}) {
    this.#lifecycle = lifecycle;
    this.#state = state;
    this.#since = lifecycle.steps;
    this.#timeoutMs = timeoutMs;
  }

  /** Whether the state has been entered by now, if only to be left again. */
  get reached(): boolean {
    return this.#lifecycle.hasEntered(this.#state, this.#since);
  }

  /** @throws LifecycleError when the state is not reached within the time, or cannot be any more */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lifecycle.waitForState(this.#state, { since: this.#since, timeoutMs: this.#timeoutMs });
  }
}
