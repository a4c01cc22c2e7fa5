// All that was done and seen in a run, line by line, in a file that outlives a failure.
import { appendFileSync } from "node:fs";

export interface Violation {
  /** Seconds since the run began. */
  at: number;
  invariant: string;
  what: string;
}

export class Journal {
  readonly path: string;
  readonly violations: Violation[] = [];
  readonly #begun = Date.now();
  /** What was told already: a state that lasts is told once. */
  readonly #told = new Set<string>();

  constructor(path: string) {
    this.path = path;
  }

  /** Seconds since the run began. */
  get elapsed(): number {
    return (Date.now() - this.#begun) / 1000;
  }

  note(text: string): void {
    appendFileSync(this.path, `${this.elapsed.toFixed(2).padStart(8)} ${text}\n`);
  }

  /** @param key what makes it one: the same key is told once */
  violation(invariant: string, key: string, what: string): void {
    if (this.#told.has(`${invariant} ${key}`)) return;
    this.#told.add(`${invariant} ${key}`);
    this.violations.push({ at: this.elapsed, invariant, what });
    this.note(`VIOLATION ${invariant}: ${what}`);
    process.stderr.write(`soak: ${this.elapsed.toFixed(0)} s: VIOLATION ${invariant}: ${what}\n`);
  }
}
