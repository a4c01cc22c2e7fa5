// Runs a fleet: one runner per service, one monitor for the whole, and an orderly end.
import { hostname } from "node:os";
import type { JsonObject } from "../common/json.ts";
import { Logger, type LogRecord, type LogSink } from "../common/logger.ts";
import { countOf } from "../common/plural.ts";
import { describeSchedule } from "../common/schedule.ts";
import type { Scheduler } from "../common/scheduler.ts";
import type { FleetConfig, Home, ServiceRow } from "../config/types.ts";
import type { FromHost } from "../host/protocol.ts";
import { HEALTHCHECK_INTERVAL_MS, HEARTBEAT_INTERVAL_MS, serviceSpec } from "../host/service-spec.ts";
import type { ReportSink } from "../messaging/report-sink.ts";
import { Subjects } from "../messaging/subjects.ts";
import { toWireTimestamp } from "../messaging/timestamp.ts";
import { aggregateStatus, isHealthy, MessengerMonitoredObject, Status } from "../monitoring/index.ts";
import type { HeldBy } from "./desired-state.ts";
import type { StartHost } from "./homes/home.ts";
import { HostPool } from "./host-pool.ts";
import type { LauncherName } from "./launcher-id.ts";
import { RegistryEvents } from "./registry-events.ts";
import { RunHistory } from "./run-history.ts";
import { ServiceRunner } from "./service-runner.ts";
import { StartOrder } from "./start-order.ts";
import { TimetableKeeper } from "./timetable.ts";
import { Watchdog } from "./watchdog.ts";

export interface ServicesLauncherOptions {
  fleet: FleetConfig;
  name: LauncherName;
  homes: Record<Home, StartHost>;
  /** Where the reports of launcher and services go. */
  sink: ReportSink;
  scheduler: Scheduler;
  log: LogSink;
  /** The operator's stop that holds a service, if there is one. */
  heldBy?: (id: string) => HeldBy | undefined;
  /** The last lines that a service has logged. */
  lastLines?: (id: string) => readonly LogRecord[];
  /** Texts that must not be shown, from now on. */
  onSecrets?: (values: readonly string[]) => void;
  /** Run everything once: periodic services at once, and then no more. */
  once?: boolean;
}

export class ServicesLauncher {
  readonly runners: readonly ServiceRunner[];
  readonly #monitor: MessengerMonitoredObject;
  readonly #options: ServicesLauncherOptions;
  readonly #hosts: HostPool;
  readonly #log: LogSink;
  readonly #sink: ReportSink;
  readonly #order = new StartOrder();
  readonly #watchdog: Watchdog;
  readonly #timetables = new Map<string, TimetableKeeper>();
  #phase: "starting" | "running" | "stopping" = "starting";
  readonly #settled = Promise.withResolvers<void>();
  #idle = Promise.withResolvers<void>();
  #summaryDue = false;

  constructor(options: ServicesLauncherOptions) {
    const { fleet, name, sink, scheduler } = options;
    this.#options = options;
    const subjects = new Subjects(fleet.subjectPrefix);
    const logger = new Logger("tcs", options.log);
    this.#log = options.log;
    this.#sink = sink;
    this.#monitor = new MessengerMonitoredObject(name.monitorName, {
      sink,
      subjects,
      scheduler,
      heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
      healthcheckIntervalMs: HEALTHCHECK_INTERVAL_MS,
      logger,
    });
    this.#watchdog = new Watchdog(scheduler, (lagMs) => this.#onStandstill(lagMs, logger));
    this.#hosts = new HostPool({
      homes: options.homes,
      onMessage: (message) => this.#onHostMessage(message),
    });
    const periodic = options.once ? [] : fleet.services.filter((row) => row.timetable);
    const history = periodic.length > 0 ? new RunHistory(name.id, logger) : undefined;
    this.runners = fleet.services.map((row) => {
      const launched = { parent: name.monitorName, runnerId: row.runnerId ?? `${name.id}.${row.type}` };
      const extras = () => this.#timetableFields(row);
      const lastLines = () => options.lastLines?.(row.id) ?? [];
      const runner = new ServiceRunner({
        row,
        spec: serviceSpec(row, fleet, launched),
        hosts: this.#hosts,
        logger,
        events: new RegistryEvents(sink, subjects, {
          serviceId: row.id,
          hostname: hostname(),
          extras,
          lastLines,
          ...launched,
        }),
        onChange: () => this.#onChange(),
        watchdog: this.#watchdog,
        ...(row.after.length > 0 ? { gate: this.#order.gate(row.after) } : {}),
      });
      runner.heldBy = options.heldBy?.(row.id);
      this.#order.add(runner);
      const { timetable } = row;
      if (history && timetable) {
        const onRun = (time: number) => history.note(row.id, time);
        const keeper = new TimetableKeeper({ runner, timetable, logger, onRun, lastRun: history.lastRun(row.id) });
        this.#timetables.set(row.id, keeper);
      }
      return runner;
    });
  }

  /**
   * Declares all services, then starts them, but for periodic ones that are not due. Resolves when each runs, has ended,
   * or waits for one that has failed.
   */
  async start(): Promise<void> {
    this.#monitor.setStatus(Status.STARTUP, "Launcher starting");
    this.#monitor.start();
    for (const keeper of this.#timetables.values()) keeper.begin();
    for (const runner of this.runners) runner.declare();
    for (const runner of this.runners) runner.settleHeld();
    for (const runner of this.runners) if (!this.#timetables.has(runner.id)) void runner.start();
    this.#onChange();
    await this.#settled.promise;
    if (this.#phase === "starting") this.#phase = "running";
    this.#summarise();
  }

  /** Resolves when no service runs or is going to. */
  get idle(): Promise<void> {
    return this.#idle.promise;
  }

  /** Stops all services, each within its limit, then the launcher's own monitor. */
  async stop(): Promise<void> {
    this.#phase = "stopping";
    this.#monitor.setStatus(Status.SHUTDOWN, "Launcher shutting down");
    for (const keeper of this.#timetables.values()) keeper.stop();
    await this.#order.stopAll("launcher shutting down");
    await this.#hosts.ended();
    this.#watchdog.stop();
    this.#monitor.stop();
  }

  /** Ends everything at once. */
  kill(): void {
    for (const keeper of this.#timetables.values()) keeper.stop();
    for (const runner of this.runners) runner.kill();
    this.#hosts.killAll();
  }

  #onHostMessage(message: FromHost): void {
    switch (message.kind) {
      case "log":
        for (const record of message.records) this.#log(record);
        return;
      case "secrets":
        this.#options.onSecrets?.(message.values);
        return;
      case "event":
        this.#sink.event(message.subject, message.data);
        return;
      case "beat":
        this.#sink.beat(message.subject, message.data);
        return;
      default:
        return;
    }
  }

  #onChange(): void {
    const { runners } = this;
    if (this.#timetables.size === 0 && runners.every((runner) => runner.state === "ended")) this.#idle.resolve();
    if (runners.every((runner) => this.#timetables.has(runner.id) || this.#order.isSettled(runner))) {
      this.#settled.resolve();
    }
    // Many services change together at start: one summary tells them all.
    if (this.#summaryDue) return;
    this.#summaryDue = true;
    setTimeout(() => {
      this.#summaryDue = false;
      this.#summarise();
    }, SUMMARY_DELAY_MS);
  }

  /** The launcher's own loop stood still: only a service in it can have done that, and none could be told apart. */
  #onStandstill(lagMs: number, logger: Logger): void {
    const inline = this.runners.filter(({ row, state }) => row.home === "inline" && state === "running");
    if (inline.length === 0) return;
    const seconds = (lagMs / 1000).toFixed(1);
    const ids = inline.map(({ id }) => id).join(", ");
    logger.error(
      `the launcher's event loop stood still for ${seconds} s, because of one of its inline services: ${ids}`,
    );
    for (const runner of inline) runner.tellStandstill(lagMs);
  }

  #timetableFields({ id, timetable }: ServiceRow): JsonObject {
    if (!timetable) return {};
    const { nextRun, lastRun } = this.#timetables.get(id) ?? {};
    return {
      schedule: describeSchedule(timetable.schedule),
      ...(nextRun === undefined ? {} : { next_run: toWireTimestamp(nextRun) }),
      ...(lastRun === undefined ? {} : { last_run: toWireTimestamp(lastRun) }),
    };
  }

  /** Tells the state of the fleet now: soon after each change it does so by itself. */
  refresh(): void {
    this.#summarise();
  }

  /** The launcher's status is the worst of its services', and its message says which are not well. */
  #summarise(): void {
    if (this.#phase !== "running") return;
    const done = (runner: ServiceRunner) =>
      runner.state === "idle" || (runner.state === "ended" && runner.status.status === Status.SHUTDOWN);
    const expected = this.runners.filter((runner) => !done(runner));
    // What pulls the launcher down, the broken before the merely doubtful.
    const troubled = expected
      .filter((runner) => !WELL.has(runner.status.status))
      .sort((a, b) => Number(isHealthy(a.status.status)) - Number(isHealthy(b.status.status)));
    const worst = aggregateStatus([Status.OK, ...expected.map((runner) => runner.status.status)]);
    const running = this.runners.filter((runner) => runner.state === "running").length;
    const resting = this.runners.filter((runner) => this.#timetables.has(runner.id) && done(runner)).length;
    const later = resting === 0 ? "" : `, ${resting} on schedule`;
    const count = `${running} of ${countOf(this.runners.length - resting, "service")} running${later}`;
    const names = troubled.slice(0, 3).map((runner) => `${runner.id} ${runner.status.status}`);
    const more = troubled.length > 3 ? ` and ${troubled.length - 3} more` : "";
    // idle and busy say what a service does, not how its launcher is.
    const status = worst === Status.IDLE || worst === Status.BUSY ? Status.OK : worst;
    this.#monitor.setStatus(status, troubled.length === 0 ? count : `${count}; ${names.join(", ")}${more}`);
  }
}

const SUMMARY_DELAY_MS = 50;
/** What a service may be without being named in its launcher's message. */
const WELL: ReadonlySet<Status> = new Set([Status.OK, Status.IDLE, Status.BUSY]);
