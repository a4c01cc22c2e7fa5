// A monitored object: its status, its parts, its checks and metrics; no timer and no network.
import type { JsonObject } from "../common/json.ts";
import type { Logger } from "../common/logger.ts";
import { CALLBACK_LIMIT_MS } from "./contained.ts";
import { MonitorTreeError } from "./errors.ts";
import { checkResults, type Statement, type StatusCallback, StatusSource, verdictOf } from "./health.ts";
import { type MetricCallback, Metrics } from "./metrics.ts";
import type { StatusReport } from "./report.ts";
import { aggregateStatus, isStatus, Status } from "./status.ts";
import { TaskTracker, type TrackedTask } from "./tasks.ts";
import { shorten } from "./wire.ts";

export interface MonitoredObjectOptions {
  logger?: Logger;
  /** How long a callback may take, milliseconds; default 5,000. */
  callbackLimitMs?: number;
}

/** A status, why, and since when (milliseconds since the epoch). */
interface Standing {
  status: Status;
  message: string | undefined;
  time: number;
}

/** What checks say about a thing that has not begun, or is over, does not count. */
const UNCHECKED: ReadonlySet<Status> = new Set([Status.STARTUP, Status.SHUTDOWN, Status.FAILED]);
/** From these a task makes an object busy; any other status says more than "busy". */
const FREE: ReadonlySet<Status> = new Set([Status.UNKNOWN, Status.OK, Status.IDLE]);
const CANCELLABLE: ReadonlySet<Status> = new Set([Status.ERROR, Status.FAILED, Status.DEGRADED]);

/**
 * A thing with a status, and parts that have theirs.
 * @example
 * const dome = new MonitoredObject("dome");
 * dome.addHealthcheckCb(() => (motor.ok ? null : Status.ERROR));
 * service.monitor.addSubmonitor(dome);
 */
export class MonitoredObject {
  readonly name: string;
  protected readonly logger: Logger | undefined;
  readonly #callbackLimitMs: number;
  /** As last set. */
  #set: Standing = { status: Status.UNKNOWN, message: undefined, time: Date.now() };
  /** As the checks found it, while they find something wrong. */
  #fault: Standing | undefined;
  /** As last told to listeners. */
  #told: Standing = this.#set;
  #toldAggregate: Status = Status.UNKNOWN;
  #parent: MonitoredObject | undefined;
  readonly #children = new Map<string, MonitoredObject>();
  readonly #statusSources = new Set<StatusSource>();
  readonly #checks = new Set<StatusSource>();
  readonly #metrics = new Metrics();
  readonly #listeners = new Set<(report: StatusReport) => void>();
  readonly #tasks = new TaskTracker(
    () => {
      if (FREE.has(this.#set.status)) this.setStatus(Status.BUSY, "Processing tasks");
    },
    () => {
      if (this.#set.status === Status.BUSY) this.setStatus(Status.IDLE, "No active tasks");
    },
  );
  #checking: Promise<Status> | undefined;
  #checked: Record<string, Status> = {};

  constructor(name: string, options: MonitoredObjectOptions = {}) {
    this.name = name;
    this.logger = options.logger;
    this.#callbackLimitMs = options.callbackLimitMs ?? CALLBACK_LIMIT_MS;
  }

  /** Status of this object alone: as set, or worse if its checks say so. */
  get ownStatus(): Status {
    return this.#own().status;
  }
  /** What was said with the own status. */
  get message(): string | undefined {
    return this.#own().message;
  }
  /** The worst of its own status and its parts'. */
  get status(): Status {
    const own = this.ownStatus;
    return this.#children.size === 0 ? own : aggregateStatus([own, ...this.children.map((child) => child.status)]);
  }
  get children(): MonitoredObject[] {
    return [...this.#children.values()];
  }

  /** Sets the own status. The same status with a new message is a change too; the same pair again is none. */
  setStatus(status: Status, message?: string): void {
    if (!isStatus(status)) {
      this.#tell(`setStatus was given ${Bun.inspect(status)}, which is no status`);
      return;
    }
    const text = message === undefined || message === "" ? undefined : shorten(String(message));
    if (status === this.#set.status && text === this.#set.message) return;
    this.#set = { status, message: text, time: Date.now() };
    this.#changed();
  }

  /** Out of error, failed or degraded, however it came to that: back to ok, or to idle or busy where tasks are tracked. */
  cancelErrorStatus(): void {
    if (!CANCELLABLE.has(this.ownStatus)) return;
    this.#fault = undefined;
    if (CANCELLABLE.has(this.#set.status)) {
      const working = this.#tasks.active > 0 ? Status.BUSY : Status.IDLE;
      this.#set = { status: this.#tasks.used ? working : Status.OK, message: "Error resolved", time: Date.now() };
    }
    this.#changed();
  }

  /** Marks a task as running until it is disposed of: busy meanwhile, idle 1 s after the last one. */
  trackTask(): TrackedTask;
  /** Runs `task` as a tracked one, and passes on what it gives or throws. */
  trackTask<T>(task: () => T | Promise<T>): Promise<T>;
  trackTask<T>(task?: () => T | Promise<T>): TrackedTask | Promise<T> {
    const tracked = this.#tasks.begin();
    if (typeof task !== "function") return tracked;
    return (async () => {
      using _ = tracked;
      return await task();
    })();
  }

  /**
   * Makes `child` a part of this object; it leaves the one it was a part of, and replaces a part of the same name.
   * @throws MonitorTreeError if this object is `child` or a part of it
   */
  addSubmonitor(child: MonitoredObject): void {
    for (let above: MonitoredObject | undefined = this; above; above = above.#parent) {
      if (above === child) {
        throw new MonitorTreeError(
          `monitor "${child.name}" cannot be a part of "${this.name}": that would be a circle`,
        );
      }
    }
    if (this.#children.get(child.name) === child) return;
    this.removeSubmonitor(child.name);
    child.#parent?.removeSubmonitor(child.name);
    this.#children.set(child.name, child);
    child.#parent = this;
    this.#partsChanged();
  }

  /** @returns false if there was no such part */
  removeSubmonitor(name: string): boolean {
    const child = this.#children.get(name);
    if (!child) return false;
    this.#children.delete(name);
    child.#parent = undefined;
    this.#partsChanged();
    return true;
  }

  /** `callback` says the status of this object: asked now and at each check. @returns a function that takes it out */
  addStatusCb(callback: StatusCallback): () => void {
    const source = this.#source("status callback", callback);
    this.#statusSources.add(source);
    const answer = source.ask();
    if (answer instanceof Promise) void answer.then((statement) => this.#take(statement));
    else this.#take(answer);
    return () => void this.#statusSources.delete(source);
  }

  /**
   * `callback` says what is wrong (degraded, warning, error, failed), that all is well (ok), or nothing (null), at each
   * check. What is wrong shows until the check no longer says so. @returns a function that takes it out
   */
  addHealthcheckCb(callback: StatusCallback): () => void {
    const source = this.#source("health check", callback);
    this.#checks.add(source);
    return () => void this.#checks.delete(source);
  }

  /** `callback` gives metrics for the reports. @returns a function that takes it out */
  addMetricCb(callback: MetricCallback): () => void {
    return this.#metrics.add(callback, this.#callbackLimitMs, (text) => this.#tell(text));
  }

  /** Calls `listener` with the new report at each change, here or in a part. @returns a function that ends it */
  onChange(listener: (report: StatusReport) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The report of this object and its parts, as of now. */
  report(): StatusReport {
    const own = this.#own();
    const children = this.children.map((child) => child.report());
    const metrics = this.#metrics.collect();
    const report: StatusReport = {
      name: this.name,
      status: this.status,
      time: Math.max(own.time, ...children.map((child) => child.time)),
    };
    if (own.message !== undefined) report.message = own.message;
    if (children.length === 0 && !metrics) return report;
    report.details = {};
    if (children.length > 0) Object.assign(report.details, { own_status: own.status, children });
    if (metrics) report.details.metrics = metrics;
    return report;
  }

  /** What each health check said when it was last asked (no opinion is `ok`), and the status of each part, by name. */
  get checks(): Record<string, Status> {
    return { ...this.#checked, ...Object.fromEntries(this.children.map(({ name, status }) => [name, status])) };
  }

  /** The metrics now: every callback is asked and waited for, within its limit. Never rejects. */
  metrics(): Promise<JsonObject> {
    return this.#metrics.ask();
  }

  /** Asks all status and health callbacks, of the parts too. @returns the status after that; never rejects */
  healthcheck(): Promise<Status> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #check(): Promise<Status> {
    const [statements, answers] = await Promise.all([
      Promise.all([...this.#statusSources].map((source) => source.ask())),
      Promise.all([...this.#checks].map(async (source) => ({ name: source.name, statement: await source.ask() }))),
      Promise.all(this.children.map((child) => child.healthcheck())),
    ]);
    // Asks the asynchronous ones anew, so that the next report has answers of this round.
    this.#metrics.collect();
    for (const statement of statements) this.#take(statement);
    this.#checked = checkResults(answers);
    const { fault, well } = verdictOf(answers);
    const before = this.#fault;
    const same = before?.status === fault?.status && before?.message === fault?.message;
    if (!same) this.#fault = fault && { ...fault, message: shorten(fault.message), time: Date.now() };
    // A check that says "ok" resolves an error set by hand; "failed" is final until set otherwise.
    if (well && !fault && this.#set.status !== Status.FAILED) this.cancelErrorStatus();
    this.#changed();
    return this.status;
  }

  #source(kind: string, callback: StatusCallback): StatusSource {
    return new StatusSource(kind, callback, this.#callbackLimitMs, (text) => this.#tell(text));
  }

  #take(statement: Statement | undefined): void {
    if (statement) this.setStatus(statement.status, statement.message);
  }

  #own(): Standing {
    const fault = this.#fault;
    if (!fault || UNCHECKED.has(this.#set.status)) return this.#set;
    return aggregateStatus([this.#set.status, fault.status]) === this.#set.status && this.#set.status !== fault.status
      ? this.#set
      : fault;
  }

  #changed(): void {
    const own = this.#own();
    if (own.status === this.#told.status && own.message === this.#told.message) return;
    this.#told = own;
    this.#announce();
  }

  #partsChanged(): void {
    if (this.status !== this.#toldAggregate) this.#announce();
  }

  /** Tells the listeners here, then those of the objects this one is a part of. */
  #announce(): void {
    this.#toldAggregate = this.status;
    if (this.#listeners.size > 0) {
      const report = this.report();
      for (const listener of [...this.#listeners]) {
        try {
          listener(report);
        } catch (error) {
          this.logger?.error(`a status listener of ${this.name} failed:`, error);
        }
      }
    }
    if (this.#parent) this.#parent.#announce();
  }

  #tell(text: string): void {
    this.logger?.warning(`${this.name}: ${text}`);
  }
}
