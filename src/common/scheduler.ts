// One timer for all periodic work of an event loop: heartbeats, health checks, housekeeping.

type Job = { due: number; intervalMs: number; run: () => void; cancelled: boolean };

/** Runs many periodic jobs from a single timer. Jobs must not throw; one that does is reported and kept. */
export class Scheduler {
  readonly #jobs = new Set<Job>();
  readonly #onError: (error: unknown) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerDue = Number.POSITIVE_INFINITY;

  constructor(onError: (error: unknown) => void = reportError) {
    this.#onError = onError;
  }

  /**
   * Run `run` every `intervalMs` milliseconds, first after `firstMs` (default: one interval).
   * @returns a function that ends it
   */
  every(intervalMs: number, run: () => void, firstMs = intervalMs): () => void {
    const job: Job = { due: performance.now() + firstMs, intervalMs, run, cancelled: false };
    this.#jobs.add(job);
    this.#arm(job.due);
    return () => {
      job.cancelled = true;
      this.#jobs.delete(job);
      if (this.#jobs.size === 0) this.#disarm();
    };
  }

  #arm(due: number): void {
    if (due >= this.#timerDue) return;
    this.#disarm();
    this.#timerDue = due;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, due - performance.now()));
    this.#timer.unref?.();
  }

  #disarm(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDue = Number.POSITIVE_INFINITY;
  }

  #tick(): void {
    this.#disarm();
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const job of [...this.#jobs]) {
      // A millisecond of slack lets jobs that fall due together share one wake-up.
      if (!job.cancelled && job.due <= now + 1) {
        // After a long pause (suspend, SIGSTOP) run once, not once for every missed beat.
        job.due = Math.max(job.due + job.intervalMs, now);
        try {
          job.run();
        } catch (error) {
          this.#onError(error);
        }
      }
      if (!job.cancelled) next = Math.min(next, job.due);
    }
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
  }
}

function reportError(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
