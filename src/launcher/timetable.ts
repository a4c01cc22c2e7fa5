// Runs a periodic service when it is due, by the wall clock.
import type { Logger } from "../common/logger.ts";
import { nextRun } from "../common/schedule.ts";
import type { Timetable } from "../config/types.ts";
import type { ServiceRunner } from "./service-runner.ts";
import type { RunBeside } from "./siblings.ts";

/** The wall clock may be set: a timer never sleeps longer than this before it looks again, milliseconds. */
const LONGEST_NAP_MS = 10_000;
/** A run that comes later than this was missed (the host slept, the clock was set), milliseconds. */
const LATE_MS = 60_000;

export interface TimetableKeeperOptions {
  runner: ServiceRunner;
  timetable: Timetable;
  logger: Logger;
  /** When the service last ran, in an earlier life of the launcher; milliseconds since the epoch. */
  lastRun?: number | undefined;
  /** Called at each run that begins. */
  onRun: (time: number) => void;
  /** Begins a run beside those that go on, for `overlap: allow`. */
  runBeside?: () => Promise<RunBeside>;
  /** The wall clock, for tests. */
  now?: () => number;
}

export class TimetableKeeper {
  readonly #options: TimetableKeeperOptions;
  readonly #now: () => number;
  #next: number | undefined;
  #last: number | undefined;
  #beganAt = 0;
  #queued = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unobserve: (() => void) | undefined;

  constructor(options: TimetableKeeperOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#last = options.lastRun;
  }

  /** When the next run is due, milliseconds since the epoch; undefined when it is stopped. */
  get nextRun(): number | undefined {
    return this.#next;
  }
  /** When the latest run began. */
  get lastRun(): number | undefined {
    return this.#last;
  }

  /**
   * Begins to keep the timetable.
   * @param catchUp a run missed since `lastRun` is made up for, if `missed: run` says so; default true
   */
  begin({ catchUp = true } = {}): void {
    const { timetable, runner } = this.#options;
    this.#beganAt = this.#now();
    this.#unobserve = runner.onState(() => this.#onState());
    const missed = this.#last === undefined || !catchUp ? undefined : nextRun(timetable.schedule, this.#last);
    if (timetable.missed === "run" && missed !== undefined && missed <= this.#beganAt) this.#run("a run was missed");
    this.#plan();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#unobserve?.();
    this.#next = undefined;
    this.#queued = false;
  }

  #plan(): void {
    const now = this.#now();
    // The beat of an interval begins anew when the clock was set back behind its beginning.
    if (now < this.#beganAt) this.#beganAt = now;
    this.#next = nextRun(this.#options.timetable.schedule, now, this.#beganAt);
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#next === undefined) return;
    this.#timer = setTimeout(() => this.#look(), Math.min(Math.max(0, this.#next - this.#now()), LONGEST_NAP_MS));
  }

  #look(): void {
    const now = this.#now();
    if (this.#next === undefined) return;
    if (now < this.#next) {
      // The nap was short, or the clock was set back: then what is due next is another.
      this.#plan();
      return;
    }
    const late = now - this.#next > LATE_MS;
    if (!late) this.#run();
    else if (this.#options.timetable.missed === "run") this.#run("late");
    else this.#options.logger.warning(`${this.#options.runner.id}: the run of ${stamp(this.#next)} was missed`);
    this.#plan();
  }

  #run(why?: string): void {
    const { runner, timetable, logger } = this.#options;
    if (runner.heldBy || runner.elsewhere) return;
    if (!runner.isAtRest) {
      // Beside one that has not begun, many would gather, and begin all at once.
      if (timetable.overlap === "allow" && runner.state !== "pending") void this.#runBeside();
      else this.#wait();
      return;
    }
    this.#note();
    logger.info(`${runner.id} is due${why ? ` (${why})` : ""}`);
    void runner.start();
  }

  /** Its last run goes on, and this one is to wait for it, or not to be. */
  #wait(): void {
    const { runner, timetable, logger } = this.#options;
    const follows = timetable.overlap === "queue";
    this.#queued ||= follows;
    const what = follows ? "follows it" : "is skipped";
    const last = runner.state === "pending" ? "still waits" : "goes on";
    logger.warning(`${runner.id} is due, but its last run ${last}: this one ${what}`);
  }

  async #runBeside(): Promise<void> {
    const { runner, logger, runBeside } = this.#options;
    this.#note();
    const begun = await runBeside?.();
    if (begun?.ok) logger.info(`${runner.id} is due, and its last run goes on: this one is ${begun.id}`);
    else logger.warning(`${runner.id} is due, but cannot run beside its last run (${begun?.why}): this one is skipped`);
  }

  #note(): void {
    this.#last = this.#now();
    this.#options.onRun(this.#last);
  }

  #onState(): void {
    if (!this.#queued || this.#options.runner.state !== "ended") return;
    this.#queued = false;
    // Not inside the runner's own change of state.
    queueMicrotask(() => this.#run("queued"));
  }
}

function stamp(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace("T", " ");
}
