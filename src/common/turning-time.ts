// Time in which our own event loop turns: what others sent while it stood still is only read afterwards.

const TICK_MS = 50;

/** A clock that nearly stops while nothing of this process runs, as on a machine that is too busy. */
export class TurningTime implements Disposable {
  #ms = 0;
  #lookedAt = performance.now();
  readonly #timer = setInterval(() => this.#look(), TICK_MS);

  /** Since it was made, milliseconds: a standstill counts as two ticks at most. */
  get ms(): number {
    this.#look();
    return this.#ms;
  }

  #look(): void {
    const now = performance.now();
    this.#ms += Math.min(now - this.#lookedAt, 2 * TICK_MS);
    this.#lookedAt = now;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
