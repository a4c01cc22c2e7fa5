// A rate that allows bursts: a bucket of tokens that fills again.

export class Bucket {
  readonly #perSecond: number;
  readonly #size: number;
  #tokens: number;
  #filledAt = 0;

  /** @param size tokens that a full bucket has */
  constructor(perSecond: number, size: number) {
    this.#perSecond = perSecond;
    this.#size = size;
    this.#tokens = size;
  }

  /** Whether there is a token left. @param nowMs on a monotonic clock */
  has(nowMs: number): boolean {
    const gained = ((nowMs - this.#filledAt) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#size, this.#tokens + gained);
    this.#filledAt = nowMs;
    return this.#tokens >= 1;
  }

  /** Takes `count` tokens; the bucket may owe some then. */
  take(count: number): void {
    this.#tokens -= count;
  }
}
