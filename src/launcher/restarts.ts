// The restarts of one service: those that count, and the one that is due.
import type { RestartSettings } from "../config/types.ts";
import { decideRestart, type RestartDecision, restartsAfterRun } from "./restart-policy.ts";
import type { RestartTurns } from "./restart-turns.ts";

/** More than any sensible `restart_max`. */
const MOST_REMEMBERED = 10_000;

export class Restarts {
  /** Times of the restarts since the service was last healthy for long, monotonic milliseconds. */
  #times: number[] = [];
  /** Ends the wait for one, or its turn. */
  #end: () => void = () => undefined;
  readonly #turns: RestartTurns;

  /** @param turns of the whole launcher */
  constructor(turns: RestartTurns) {
    this.#turns = turns;
  }

  /** What follows the end of a life. @param ranMs how long it had been fully started, milliseconds */
  decide(settings: RestartSettings, code: number, ranMs: number): RestartDecision {
    this.#times = restartsAfterRun(this.#times, ranMs, settings);
    return decideRestart({ settings, code, restarts: this.#times, nowMs: performance.now() });
  }

  /** How many others, which crash too, start before it does. @param livedMs as of `later` */
  ahead(livedMs: number): number {
    return this.#turns.ahead(livedMs);
  }

  /** @param livedMs how long the service was there, from its start to its end */
  later(delayMs: number, livedMs: number, restart: () => void): void {
    this.#end = this.#turns.restart(delayMs, livedMs, () => {
      this.#times = [...this.#times.slice(-MOST_REMEMBERED), performance.now()];
      restart();
    });
  }

  /** None is due any more; or the one that was has started, or has failed to. */
  cancel(): void {
    this.#end();
  }

  /** The count begins anew, and none is due. */
  forget(): void {
    this.cancel();
    this.#times = [];
  }
}
