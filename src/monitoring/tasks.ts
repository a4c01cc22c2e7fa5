// Counting running tasks: busy at once, idle one second after the last has ended.

/** A task that is running; ends when disposed of (`using task = monitor.trackTask()`). */
export interface TrackedTask extends Disposable, AsyncDisposable {
  /** Ends it; a second call does nothing. */
  end(): void;
}

/** How long an object stays busy after its last task, milliseconds. */
const IDLE_DELAY_MS = 1_000;

export class TaskTracker {
  readonly #onBusy: () => void;
  readonly #onIdle: () => void;
  #active = 0;
  #used = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onBusy: () => void, onIdle: () => void) {
    this.#onBusy = onBusy;
    this.#onIdle = onIdle;
  }

  /** Tasks running now. */
  get active(): number {
    return this.#active;
  }
  /** Whether a task was ever tracked: only then is there a busy and an idle. */
  get used(): boolean {
    return this.#used;
  }

  begin(): TrackedTask {
    this.#used = true;
    this.#active += 1;
    clearTimeout(this.#timer);
    this.#onBusy();
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      this.#active -= 1;
      if (this.#active > 0) return;
      this.#timer = setTimeout(this.#onIdle, IDLE_DELAY_MS);
      this.#timer.unref();
    };
    return { end, [Symbol.dispose]: end, [Symbol.asyncDispose]: async () => end() };
  }
}
