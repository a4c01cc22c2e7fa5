// Who listens to the changes of a monitored object.
import type { StatusReport } from "./report.ts";

export type ChangeListener = (report: StatusReport) => void;

/** What is not urgent is told together, after this time, milliseconds. */
const PAUSE_MS = 1_000;

export class Listeners {
  readonly #listeners = new Set<ChangeListener>();
  readonly #report: () => StatusReport;
  readonly #onError: (error: unknown) => void;
  #later: ReturnType<typeof setTimeout> | undefined;

  /** @param report makes the report as of now @param onError is told what a listener throws */
  constructor(report: () => StatusReport, onError: (error: unknown) => void) {
    this.#report = report;
    this.#onError = onError;
  }

  /** @returns takes it out */
  add(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells all, now. */
  tell(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    if (this.#listeners.size === 0) return;
    const report = this.#report();
    for (const listener of [...this.#listeners]) {
      try {
        listener(report);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  /** Tells all within a second. */
  tellSoon(): void {
    if (this.#later !== undefined || this.#listeners.size === 0) return;
    this.#later = setTimeout(() => this.tell(), PAUSE_MS);
    this.#later.unref();
  }
}
