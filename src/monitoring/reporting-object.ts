// A monitored object whose health is looked after by itself, at intervals, on the shared scheduler.
import type { Scheduler } from "../common/scheduler.ts";
import { MonitoredObject, type MonitoredObjectOptions } from "./monitored-object.ts";

export interface ReportingOptions extends MonitoredObjectOptions {
  /** One for all objects of an event loop. */
  scheduler: Scheduler;
  /** Milliseconds between two rounds of checks, default 30,000. */
  healthcheckIntervalMs?: number;
}

export class ReportingMonitoredObject extends MonitoredObject implements AsyncDisposable {
  protected readonly scheduler: Scheduler;
  readonly #intervalMs: number;
  readonly #cancels: (() => void)[] = [];
  #running = false;

  constructor(name: string, options: ReportingOptions) {
    super(name, options);
    this.scheduler = options.scheduler;
    this.#intervalMs = options.healthcheckIntervalMs ?? 30_000;
  }

  /** Between start() and stop(). */
  get isMonitoring(): boolean {
    return this.#running;
  }

  /** Starts the periodic work; a second call does nothing. The first checks come after one interval. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.started();
    this.repeat(this.#intervalMs, () => void this.healthcheck());
  }

  /** Ends the periodic work; a second call does nothing. */
  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    for (const cancel of this.#cancels.splice(0)) cancel();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }

  /** For subclasses: called at each start. */
  protected started(): void {
    // Nothing to add here.
  }

  /** For subclasses: runs `job` at intervals until stop(). */
  protected repeat(intervalMs: number, job: () => void): void {
    this.#cancels.push(this.scheduler.every(intervalMs, job));
  }
}
