// Where a service stands under its launcher, for all who look at it.
import type { ServiceExit } from "../service/index.ts";
import type { Elsewhere } from "./elsewhere.ts";

/**
 * Where a runner's service is. `pending`: to be started, but something must come first; `waiting`: ended, and about to
 * be started again after its delay.
 */
export type RunnerState = "idle" | "pending" | "starting" | "running" | "stopping" | "waiting" | "ended";

export abstract class RunnerStanding {
  readonly #onChange: () => void;
  readonly #observers = new Set<() => void>();
  #state: RunnerState = "idle";
  #elsewhere: Elsewhere | undefined;
  #lastExit: ServiceExit | undefined;

  /** @param onChange called at each change, before the observers */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get state(): RunnerState {
    return this.#state;
  }
  /** How its latest life ended; absent before the first end. */
  get lastExit(): ServiceExit | undefined {
    return this.#lastExit;
  }
  /** Nothing of it runs, or is about to. */
  get isAtRest(): boolean {
    return this.#state === "idle" || this.#state === "ended";
  }
  /** Running, or done with what it had to do: those that come after it may start. */
  get isReady(): boolean {
    return this.#state === "running" || (this.#state === "ended" && this.#lastExit?.phase === "completed");
  }
  /** Its latest life ended, and not well. */
  get hasFailed(): boolean {
    return this.#lastExit !== undefined && this.#lastExit.code !== 0;
  }

  /** That another launcher runs the service: while that is so, nothing starts it here, whoever calls `start()`. */
  get elsewhere(): Elsewhere | undefined {
    return this.#elsewhere;
  }
  set elsewhere(elsewhere: Elsewhere | undefined) {
    this.#elsewhere = elsewhere;
    this.#tell();
  }

  /** Calls `observer` at each change. @returns a function that ends it */
  onState(observer: () => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  protected enter(state: RunnerState): void {
    this.#state = state;
    this.#tell();
  }

  /** A life has ended; what follows, `enter` tells. */
  protected noteExit(exit: ServiceExit): void {
    this.#lastExit = exit;
  }

  #tell(): void {
    this.#onChange();
    for (const observer of [...this.#observers]) observer();
  }
}
