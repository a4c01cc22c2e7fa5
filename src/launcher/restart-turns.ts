// When a service that has ended is started again: after its delay, and those that keep crashing one after the other.

export interface RestartTurnsOptions {
  /** A service that ended sooner than this after its start waits for its turn, milliseconds; default 5,000. */
  shortMs?: number;
  /** Least pause after a turn, milliseconds; default 40. A turn that took longer is followed by a pause as long. */
  pauseMs?: number;
  /** A start that takes longer does not hold up the next, milliseconds; default 200. */
  longestMs?: number;
}

/** A restart that waits for its turn, or has it. */
interface Turn {
  readonly start: () => void;
}

/**
 * The restarts of one launcher. To start a host takes a processor for 10 to 30 ms, so that a few dozen services in a
 * crash loop would fill all processors of a machine, and the broker with their reports. Here they start one at a time,
 * in the order in which their delays were over, and all together for about a third of the time of one processor.
 * Whatever ran for a while before it ended starts at once, and so does a service that falls alone.
 */
export class RestartTurns {
  readonly #shortMs: number;
  readonly #pauseMs: number;
  readonly #longestMs: number;
  /** First come, first served. */
  readonly #waiting = new Set<Turn>();
  #current: Turn | undefined;
  #begunAtMs = 0;
  #limit: ReturnType<typeof setTimeout> | undefined;
  #isPausing = false;

  constructor({ shortMs = 5_000, pauseMs = 40, longestMs = 200 }: RestartTurnsOptions = {}) {
    this.#shortMs = shortMs;
    this.#pauseMs = pauseMs;
    this.#longestMs = longestMs;
  }

  /**
   * Calls `start` after `delayMs`, at its turn.
   * @param livedMs how long the service was there, from its start to its end
   * @returns to be called when it has started or failed to, or is no longer to be started: ends the wait or the turn
   */
  restart(delayMs: number, livedMs: number, start: () => void): () => void {
    const turn: Turn = { start };
    const timer = setTimeout(() => {
      if (livedMs >= this.#shortMs) {
        start();
        return;
      }
      this.#waiting.add(turn);
      this.#next();
    }, delayMs);
    return () => {
      clearTimeout(timer);
      this.#waiting.delete(turn);
      if (turn === this.#current) this.#endTurn();
    };
  }

  /** How many have their turn before one that falls now. @param livedMs as of `restart` */
  ahead(livedMs: number): number {
    return livedMs >= this.#shortMs ? 0 : this.#waiting.size;
  }

  #next(): void {
    const [turn] = this.#waiting;
    if (!turn || this.#current || this.#isPausing) return;
    this.#waiting.delete(turn);
    this.#current = turn;
    this.#begunAtMs = performance.now();
    this.#limit = setTimeout(() => this.#endTurn(), this.#longestMs);
    turn.start();
  }

  #endTurn(): void {
    clearTimeout(this.#limit);
    this.#current = undefined;
    this.#isPausing = true;
    const pauseMs = Math.max(this.#pauseMs, performance.now() - this.#begunAtMs);
    setTimeout(() => {
      this.#isPausing = false;
      this.#next();
    }, pauseMs);
  }
}
