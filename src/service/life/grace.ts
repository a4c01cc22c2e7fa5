// The time that a stop may take: what is left of it, and what does not end in it.
import type { ServiceLife } from "./service-life.ts";

export class Grace {
  readonly #life: ServiceLife;
  readonly #delayMs: number;

  /** @param delayMs how long the whole stop may take, milliseconds */
  constructor(life: ServiceLife, delayMs: number) {
    this.#life = life;
    this.#delayMs = delayMs;
  }

  /** What is left of a share (0 to 1) of the time since the stop was asked for, milliseconds. */
  leftMs(share: number): number {
    return Math.max(0, this.#life.stopRequestedMs + this.#delayMs * share - performance.now());
  }

  /** Waits for `work`: until the stop without limit, then for a share of the time. @returns true if it goes on for longer */
  async isOutlastedBy(work: Promise<void>, share: number): Promise<boolean> {
    const { signal } = this.#life;
    const { promise: over, resolve } = Promise.withResolvers<true>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const arm = () => {
      timer = setTimeout(() => resolve(true), this.leftMs(share));
    };
    if (signal.aborted) arm();
    else signal.addEventListener("abort", arm, { once: true });
    try {
      return (await Promise.race([work, over])) === true;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", arm);
    }
  }
}
