// A monitored object: its status, its parts, its checks and metrics; no network.
import { inspectBriefly } from "../common/inspect.ts";
import type { JsonObject } from "../common/json.ts";
import type { Logger } from "../common/logger.ts";
import { Checkup } from "./checkup.ts";
import { CALLBACK_LIMIT_MS } from "./contained.ts";
import { MonitorTreeError } from "./errors.ts";
import type { Statement, StatusCallback } from "./health.ts";
import { type ChangeListener, Listeners } from "./listeners.ts";
import { type MetricCallback, type MetricOptions, Metrics } from "./metrics.ts";
import { checkedName } from "./options.ts";
import { Place } from "./place.ts";
import { MOST_PARTS, ReportRoom, type StatusReport } from "./report.ts";
import { OwnStanding } from "./standing.ts";
import { isStatus, Status } from "./status.ts";
import { TaskTracker, type TrackedTask } from "./tasks.ts";

export interface MonitoredObjectOptions {
  logger?: Logger;
  /** How long a callback may take, milliseconds; default 5,000. */
  callbackLimitMs?: number;
}

/** From these a task makes an object busy; any other status says more than "busy". */
const FREE: ReadonlySet<Status> = new Set([Status.UNKNOWN, Status.OK, Status.IDLE]);
/** With more parts than this, changes in them that change nothing for the whole are told together. */
const CROWD = 100;

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
  readonly #own = new OwnStanding();
  #status: Status = Status.UNKNOWN;
  /** As last told to listeners. */
  #toldStatus: Status = Status.UNKNOWN;
  readonly #place = new Place<MonitoredObject>(this);
  readonly #checkup: Checkup;
  readonly #metrics: Metrics;
  readonly #listeners = new Listeners(
    () => this.report(),
    (error) => this.logger?.error(`a status listener of ${this.name} failed:`, error),
  );
  readonly #tasks = new TaskTracker(
    () => {
      if (FREE.has(this.#own.set)) this.setStatus(Status.BUSY, "Processing tasks");
    },
    () => {
      if (this.#own.set === Status.BUSY) this.setStatus(Status.IDLE, "No active tasks");
    },
  );
  #checking: Promise<Status> | undefined;

  /** @throws MonitorOptionError when there is no name, or one of more than 256 characters */
  constructor(name: string, options: MonitoredObjectOptions = {}) {
    this.name = checkedName(name);
    this.logger = options.logger;
    this.#callbackLimitMs = options.callbackLimitMs ?? CALLBACK_LIMIT_MS;
    this.#checkup = new Checkup(this.#callbackLimitMs, (text) => this.#warn(text));
    this.#metrics = new Metrics((text) => this.#warn(text));
  }

  /** Status of this object alone: as set, or worse if its checks say so. */
  get ownStatus(): Status {
    return this.#own.now.status;
  }
  /** What was said with the own status. */
  get message(): string | undefined {
    return this.#own.now.message;
  }
  /** The worst of its own status and its parts'. */
  get status(): Status {
    return this.#status;
  }
  get children(): MonitoredObject[] {
    return [...this.#place.parts.all()].map(({ owner }) => owner);
  }
  get childrenCount(): number {
    return this.#place.parts.size;
  }

  /** Sets the own status. The same status with a new message is a change too; the same pair again is none. */
  setStatus(status: Status, message?: string): void {
    if (isStatus(status)) this.#own.put(status, message);
    else this.#warn(`setStatus was given ${inspectBriefly(status)}, which is no status`);
    this.#changed();
  }

  /** Something to know beside the status: goes with its message until it is taken back (`undefined`). */
  setRemark(text: string | undefined): void {
    this.#own.remark(text);
    this.#changed();
  }

  /** Out of error, failed or degraded, however it came to that: back to ok, or to idle or busy where tasks are tracked. */
  cancelErrorStatus(): void {
    const working = this.#tasks.active > 0 ? Status.BUSY : Status.IDLE;
    this.#own.cancelError(this.#tasks.used ? working : Status.OK);
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
   * @throws MonitorTreeError if it is no monitored object, if this object is `child` or a part of it, or if there would
   *   be more than 64 levels
   */
  addSubmonitor(child: MonitoredObject): void {
    // One of another copy of this library has the same methods, and nothing of ours inside.
    if (typeof child !== "object" || child === null || !(#place in child)) {
      throw new MonitorTreeError(
        `monitor "${this.name}" was given ${inspectBriefly(child)} as a part: expected a MonitoredObject (of the same copy of ocabox-tcs)`,
      );
    }
    this.#place.check(child.#place);
    if (child.#place.parent === this.#place) return;
    this.removeSubmonitor(child.name);
    child.#place.parent?.owner.removeSubmonitor(child.name);
    this.#place.add(child.#place);
    this.#partsChanged();
  }

  /** @returns false if there was no such part */
  removeSubmonitor(name: string): boolean {
    const child = this.#place.parts.get(name);
    if (!child) return false;
    this.#place.remove(child);
    this.#partsChanged();
    return true;
  }

  /** `callback` says the status of this object: asked now and at each check. @returns a function that takes it out */
  addStatusCb(callback: StatusCallback): () => void {
    return this.#checkup.addStatus(callback, (statement) => this.#take(statement));
  }

  /**
   * `callback` says what is wrong (degraded, warning, error, failed), that all is well (ok), or nothing (null), at each
   * check. What is wrong shows until the check no longer says so. @returns a function that takes it out
   */
  addHealthcheckCb(callback: StatusCallback): () => void {
    return this.#checkup.addCheck(callback);
  }

  /**
   * `callback` gives metrics. @param options.tier where they go: `heartbeat` (default) everywhere, `status` not with
   * heartbeats, `stats` only to who asks for statistics. @returns a function that takes it out
   */
  addMetricCb(callback: MetricCallback, options: MetricOptions = {}): () => void {
    return this.#metrics.add(callback, options, this.#callbackLimitMs);
  }

  /** Calls `listener` with the new report at each change, here or in a part. @returns a function that ends it */
  onChange(listener: ChangeListener): () => void {
    return this.#listeners.add(listener);
  }

  /** The report of this object and its parts, as of now: of 1,000 parts at most, then the worst. */
  report(): StatusReport {
    const room = new ReportRoom();
    return this.#withParts(this.#words(room), room);
  }

  /** What each health check said when it was last asked (no opinion is `ok`), and the status of each part, by name. */
  get checks(): Record<string, Status> {
    const parts = this.#place.parts.some(MOST_PARTS).map(({ name, status }): [string, Status] => [name, status]);
    return { ...this.#checkup.results, ...Object.fromEntries(parts) };
  }

  /** All metrics now: every callback is asked and waited for, within its limit; those of parts under `parts`. Never rejects. */
  async metrics(): Promise<JsonObject> {
    const measured = this.#place.parts.some(MOST_PARTS).filter(({ owner }) => owner.#isMeasured());
    const [own, ...others] = await Promise.all([this.#metrics.ask(), ...measured.map(({ owner }) => owner.metrics())]);
    if (measured.length === 0) return own;
    return { ...own, parts: Object.fromEntries(measured.map(({ name }, index) => [name, others[index]])) };
  }

  /** Asks all status and health callbacks, of the parts too. @returns the status after that; never rejects */
  healthcheck(): Promise<Status> {
    this.#checking ??= this.#check().finally(() => (this.#checking = undefined));
    return this.#checking;
  }

  /** For subclasses: the metrics that a heartbeat carries. */
  protected heartbeatMetrics(): JsonObject | undefined {
    return this.#metrics.collect("heartbeat");
  }

  async #check(): Promise<Status> {
    const asked = [...this.#place.parts.all()].filter(({ owner }) => owner.#isAsked());
    const [{ statements, verdict }] = await Promise.all([
      this.#checkup.ask(),
      Promise.all(asked.map(({ owner }) => owner.healthcheck())),
    ]);
    // Asks the asynchronous ones anew, so that the next report has answers of this round.
    this.#metrics.collect("status");
    for (const statement of statements) this.#take(statement);
    this.#own.find(verdict.fault);
    // A check that says "ok" resolves an error set by hand; "failed" is final until set otherwise.
    if (verdict.well && this.#own.set !== Status.FAILED) this.cancelErrorStatus();
    this.#changed();
    return this.status;
  }

  /** Anything in it is asked at a check. */
  #isAsked(): boolean {
    return !this.#checkup.isEmpty || !this.#metrics.isEmpty || this.#place.parts.has(({ owner }) => owner.#isAsked());
  }

  #isMeasured(): boolean {
    return !this.#metrics.isEmpty || this.#place.parts.has(({ owner }) => owner.#isMeasured());
  }

  /** What a report says of this object alone. */
  #words(room: ReportRoom): StatusReport {
    const { message, time } = this.#own.now;
    const metrics = this.#metrics.collect("status");
    const report: StatusReport = { name: this.name, status: this.#status, time };
    if (message !== undefined) report.message = message;
    if (metrics) report.details = { metrics };
    room.take(report);
    return report;
  }

  /** Adds the parts to it: all of a level have their words before one has its own parts told. */
  #withParts(report: StatusReport, room: ReportRoom): StatusReport {
    const { parts } = this.#place;
    if (parts.size === 0) return report;
    const told: [MonitoredObject, StatusReport][] = [];
    for (const { owner } of parts.some(room.parts)) if (room.parts > 0) told.push([owner, owner.#words(room)]);
    const children = told.map(([part, words]) => part.#withParts(words, room));
    const omitted = parts.size - children.length;
    report.time = Math.max(report.time, ...children.map(({ time }) => time));
    report.details = { own_status: this.ownStatus, children, ...report.details };
    if (omitted > 0) report.details.children_omitted = omitted;
    return report;
  }

  #take(statement: Statement | undefined): void {
    if (statement) this.setStatus(statement.status, statement.message);
  }

  #changed(): void {
    if (!this.#own.takeNews()) return;
    this.#refresh();
    this.#announce();
  }

  #partsChanged(): void {
    this.#refresh();
    if (this.#status !== this.#toldStatus) this.#announce();
  }

  /** Works out the status anew, and that of the objects this one is a part of as far as it matters to them. */
  #refresh(): void {
    for (const { owner, parent, parts } of this.#place.upward()) {
      const status = parts.aggregate(owner.ownStatus);
      if (status === owner.#status) return;
      owner.#status = status;
      parent?.parts.refile(owner.#place);
    }
  }

  /** Tells the listeners here, then those of the objects this one is a part of. */
  #announce(): void {
    let isCrowd = false;
    for (const { owner, parts } of this.#place.upward()) {
      isCrowd ||= owner !== this && parts.size > CROWD;
      if (isCrowd && owner.#status === owner.#toldStatus) {
        owner.#listeners.tellSoon();
      } else {
        owner.#toldStatus = owner.#status;
        owner.#listeners.tell();
      }
    }
  }

  #warn(text: string): void {
    this.logger?.warning(`${this.name}: ${text}`);
  }
}
