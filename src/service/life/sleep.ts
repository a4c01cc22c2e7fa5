// Sleep that wakes at stop, and does not let a loop that ignores the stop spin.
import { AsyncLocalStorage } from "node:async_hooks";
import { LONGEST_TIMER_MS } from "../../common/longest-timer.ts";

const FALSE_AFTER_STOP = 16;
const THROWS_AFTER_STOP = 32;

interface Loop {
  callsAfterStop: number;
}

/** The loop that is sleeping, if it is one of several of a service. */
const loops = new AsyncLocalStorage<Loop>();

export class StopAwareSleep {
  readonly #mainLoop: Loop = { callsAfterStop: 0 };
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Runs `run` as a loop of its own: how often others sleep after the stop does not count for it. */
  static asLoop<T>(run: () => T): T {
    return loops.run({ callsAfterStop: 0 }, run);
  }

  async sleep(seconds: number): Promise<boolean> {
    if (Number.isNaN(seconds) || seconds < 0) {
      throw new RangeError(`sleep(${seconds}): expected a number of seconds, 0 or more`);
    }
    // What no timer can wait for is made of several.
    let remainingMs = seconds * 1000;
    do {
      if (this.#signal.aborted) return await this.#afterStop();
      const stepMs = Math.min(remainingMs, LONGEST_TIMER_MS);
      if (!(await this.#wait(stepMs))) return false;
      remainingMs -= stepMs;
    } while (remainingMs > 0);
    return true;
  }

  #wait(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
      const timer = setTimeout(() => {
        this.#signal.removeEventListener("abort", wake);
        resolve(true);
      }, ms);
      this.#signal.addEventListener("abort", wake, { once: true });
    });
  }

  /** First false, then AbortError, then never: whatever a loop ignores or swallows, it ends, and never spins. */
  async #afterStop(): Promise<boolean> {
    const loop = loops.getStore() ?? this.#mainLoop;
    loop.callsAfterStop += 1;
    if (loop.callsAfterStop <= FALSE_AFTER_STOP) {
      await Bun.sleep(0);
      return false;
    }
    if (loop.callsAfterStop <= THROWS_AFTER_STOP) throw new DOMException("the service is stopping", "AbortError");
    return await new Promise<boolean>(() => {
      // Parked for good: the caller swallowed every sign of the stop.
    });
  }
}
