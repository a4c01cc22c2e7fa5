// Tells services whose event loop has stopped from those that are only quiet, for all hosts of a launcher on one timer.
import type { Scheduler } from "../common/scheduler.ts";

/** How often silence is looked for, milliseconds. */
const LOOK_MS = 500;
/** A look this late means that the launcher itself did not run: nobody's silence counts then, milliseconds. */
const OWN_LAG_MS = 1000;

export interface Watched {
  /** Silence that is too long now, milliseconds. */
  limitMs: () => number;
  /** When the host was last heard, monotonic milliseconds; undefined while there is none to be heard. */
  lastHeardMs: () => number | undefined;
  onSilence: (silentMs: number) => void;
  onHeardAgain: () => void;
}

export class Watchdog {
  readonly #watched = new Map<Watched, { isSilent: boolean }>();
  readonly #stop: () => void;
  readonly #onLag: (lagMs: number) => void;
  #lastLookMs = performance.now();
  /** Silence before this is not held against anybody. */
  #pardonMs = 0;

  /** @param onLag told when the launcher itself stood still, and for how long */
  constructor(scheduler: Scheduler, onLag: (lagMs: number) => void = () => undefined) {
    this.#onLag = onLag;
    this.#stop = scheduler.every(LOOK_MS, () => this.#look());
  }

  /** @returns ends the watch */
  watch(watched: Watched): () => void {
    this.#watched.set(watched, { isSilent: false });
    return () => this.#watched.delete(watched);
  }

  stop(): void {
    this.#stop();
    this.#watched.clear();
  }

  #look(): void {
    const now = performance.now();
    const lagMs = now - this.#lastLookMs - LOOK_MS;
    if (lagMs > OWN_LAG_MS) {
      this.#pardonMs = now;
      this.#onLag(lagMs);
    }
    this.#lastLookMs = now;
    for (const [watched, state] of this.#watched) {
      const heard = watched.lastHeardMs();
      if (heard === undefined) {
        state.isSilent = false;
        continue;
      }
      const silentMs = now - Math.max(heard, this.#pardonMs);
      const isSilent = silentMs > watched.limitMs();
      if (isSilent === state.isSilent) continue;
      state.isSilent = isSilent;
      if (isSilent) watched.onSilence(silentMs);
      else watched.onHeardAgain();
    }
  }
}
