// The restarts of one service: those that count, and the one that is due.
import type { RestartSettings } from "../config/types.ts";
import type { NextLife } from "./homes/home.ts";
import { decideRestart, type RestartDecision, restartsAfterRun } from "./restart-policy.ts";
import type { RestartTurns } from "./restart-turns.ts";

/** More than any sensible `restart_max`. */
const MOST_REMEMBERED = 10_000;

export class Restarts {
  /** Times of the restarts since the service was last healthy for long, monotonic milliseconds. */
  #times: number[] = [];
  /** Ends the wait for one, or its turn. */
  #end: () => void = () => undefined;
  /** The next life, when it is not this launcher that begins it. */
  #next: NextLife | undefined;
  readonly #turns: RestartTurns;

  /** @param turns of the whole launcher */
  constructor(turns: RestartTurns) {
    this.#turns = turns;
  }

  /**
   * What follows the end of a life.
   * @param ranMs how long it had been fully started, milliseconds
   * @param next what a supervisor of its own does: then it has decided
   */
  decide(settings: RestartSettings, code: number, ranMs: number, next?: NextLife | "none"): RestartDecision {
    this.#next = next === "none" ? undefined : next;
    if (next === "none") return { restart: false, reason: "policy" };
    if (next) return { restart: true, delayMs: settings.delayMs, attempt: next.attempt };
    this.#times = restartsAfterRun(this.#times, ranMs, settings);
    return decideRestart({ settings, code, restarts: this.#times, nowMs: performance.now() });
  }

  /** How many others, which crash too, start before it does. @param livedMs as of `later` */
  ahead(livedMs: number): number {
    return this.#turns.ahead(livedMs);
  }

  /**
   * Restarts when the time has come, as it was decided.
   * @param livedMs how long the service was there, from its start to its end
   * @param restart `joins`: the new life has begun already
   * @param giveUp the supervisor that had decided so has given it up, after so many restarts
   */
  later(delayMs: number, livedMs: number, restart: (joins: boolean) => void, giveUp: (restarts: number) => void): void {
    const next = this.#next;
    if (next) {
      let wanted = true;
      this.#end = () => {
        wanted = false;
        next.cancel();
      };
      void next.outcome.then((outcome) => {
        if (!wanted) return;
        this.#end = () => undefined;
        if (outcome === "begun") restart(true);
        else if (outcome === "limit") giveUp(next.attempt - 1);
      });
      return;
    }
    this.#end = this.#turns.restart(delayMs, livedMs, () => {
      this.#times = [...this.#times.slice(-MOST_REMEMBERED), performance.now()];
      restart(false);
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
