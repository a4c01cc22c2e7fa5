// Simulated time: as fast as the factor says; with a factor of 0 it stands still until it is put forward.

export class SimulatedClock {
  readonly #startMs: number;
  readonly #factor: number;
  readonly #now: () => number;
  readonly #beganMs: number;
  #putForwardMs = 0;

  /**
   * @param startMs simulated time at the start, milliseconds since 1970
   * @param factor simulated seconds in a second
   * @param now a monotonic clock, milliseconds
   */
  constructor(startMs: number, factor: number, now: () => number = () => performance.now()) {
    this.#startMs = startMs;
    this.#factor = factor;
    this.#now = now;
    this.#beganMs = now();
  }

  /** Milliseconds since 1970. */
  get timeMs(): number {
    return this.#startMs + (this.#now() - this.#beganMs) * this.#factor + this.#putForwardMs;
  }

  putForward(ms: number): void {
    this.#putForwardMs += ms;
  }
}
