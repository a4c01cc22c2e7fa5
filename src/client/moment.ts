// The time from which a fleet is looked at. It remembers when the same things would look different.

export class Moment {
  /** Milliseconds since the epoch. */
  readonly at: number;
  #next = Number.POSITIVE_INFINITY;

  constructor(at: number) {
    this.at = at;
  }

  /** The earliest time at which one of the answers given so far would be another; Infinity if none ever will. */
  get next(): number {
    return this.#next;
  }

  /** Whether it is `time` (milliseconds since the epoch) by now. */
  hasCome(time: number): boolean {
    if (time <= this.at) return true;
    if (time < this.#next) this.#next = time;
    return false;
  }

  /** Seconds since `time`, not below 0. */
  secondsSince(time: number): number {
    return Math.max(0, (this.at - time) / 1000);
  }
}
