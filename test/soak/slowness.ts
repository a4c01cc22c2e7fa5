// How much slower than alone everything goes here: limits are meant for a machine that has nothing else to do.
import { cpuMsSince } from "../support/cpu.ts";

/** Work that is timed, milliseconds of a processor; how often. */
const WORK_MS = 10;
const EVERY_MS = 1000;
/** The worst of so many counts. */
const KEPT = 30;

export class Slowness implements Disposable {
  readonly #factors: number[] = [];
  readonly #timer: ReturnType<typeof setInterval>;
  /** The highest factor of all. */
  worst = 1;
  #due = performance.now() + EVERY_MS;

  constructor() {
    this.#timer = setInterval(() => this.#measure(), EVERY_MS);
  }

  /** 1 on an idle machine: what the same work took, at the worst of the last half minute, by what it should take. */
  get factor(): number {
    return Math.max(1, ...this.#factors);
  }

  #measure(): void {
    const began = performance.now();
    const late = Math.max(0, began - this.#due);
    this.#due = began + EVERY_MS;
    const cpu = process.cpuUsage();
    while (cpuMsSince(cpu) < WORK_MS);
    const factor = (performance.now() - began + late) / (WORK_MS + TIMER_MS);
    this.#factors.push(factor);
    this.worst = Math.max(this.worst, factor);
    if (this.#factors.length > KEPT) this.#factors.shift();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** How late a timer, and how coarse the clock of work, may be where nothing is slow. */
const TIMER_MS = 10;
