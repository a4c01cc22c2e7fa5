// The restarts of one service: those that count, and the one that is due.
import type { RestartSettings } from "../config/types.ts";
import { decideRestart, type RestartDecision, restartsAfterRun } from "./restart-policy.ts";

/** More than any sensible `restart_max`. */
const MOST_REMEMBERED = 10_000;

export class Restarts {
  /** Times of the restarts since the service was last healthy for long, monotonic milliseconds. */
  #times: number[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** What follows the end of a life. @param ranMs how long it had been fully started, milliseconds */
  decide(settings: RestartSettings, code: number, ranMs: number): RestartDecision {
    this.#times = restartsAfterRun(this.#times, ranMs, settings);
    return decideRestart({ settings, code, restarts: this.#times, nowMs: performance.now() });
  }

  later(delayMs: number, restart: () => void): void {
    this.#timer = setTimeout(() => {
      this.#times = [...this.#times.slice(-MOST_REMEMBERED), performance.now()];
      restart();
    }, delayMs);
  }

  /** None is due any more. */
  cancel(): void {
    clearTimeout(this.#timer);
  }

  /** The count begins anew, and none is due. */
  forget(): void {
    this.cancel();
    this.#times = [];
  }
}
