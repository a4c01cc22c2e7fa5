// Runs a fleet: one runner per service, one monitor for the whole, and an orderly end.
import { hostname } from "node:os";
import { TcsError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { Logger, type LogRecord, type LogSink } from "../common/logger.ts";
import { describeSchedule } from "../common/schedule.ts";
import type { Scheduler } from "../common/scheduler.ts";
import type { FleetConfig, ServiceHome, ServiceRow } from "../config/types.ts";
import type { FromHost } from "../host/protocol.ts";
import { HEALTHCHECK_INTERVAL_MS, HEARTBEAT_INTERVAL_MS, serviceSpec } from "../host/service-spec.ts";
import type { ReportSink } from "../messaging/report-sink.ts";
import { Subjects } from "../messaging/subjects.ts";
import { toWireTimestamp } from "../messaging/timestamp.ts";
import { MessengerMonitoredObject, Status } from "../monitoring/index.ts";
import type { HeldBy } from "./desired-state.ts";
import type { StartHost } from "./homes/home.ts";
import { HostPool } from "./host-pool.ts";
import type { LauncherName } from "./launcher-id.ts";
import { Possession, type PossessionOptions } from "./possession.ts";
import { RegistryEvents } from "./registry-events.ts";
import { RunHistory } from "./run-history.ts";
import { ServiceRunner } from "./service-runner.ts";
import { gatesInTurn } from "./start-gate.ts";
import { StartOrder } from "./start-order.ts";
import { summarise } from "./summary.ts";
import { TimetableKeeper } from "./timetable.ts";
import { Watchdog } from "./watchdog.ts";

export interface ServicesLauncherOptions {
  fleet: FleetConfig;
  name: LauncherName;
  homes: Record<ServiceHome, StartHost>;
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
  ownership: PossessionOptions["ownership"];
  /** Take services over from the launchers that have them. */
  takeover?: boolean;
  inherit: PossessionOptions["inherit"];
  /** The launcher speaks for the service from now on. */
  onOurs: (runner: ServiceRunner) => void;
  /** It does not any more: `lost` when another has been speaking for it already. */
  onGone: (runner: ServiceRunner, how: "lost" | "released") => void;
}

/** Every service is run by somebody else. */
export class NothingToRunError extends TcsError {
  override readonly code = "E_OWNED";
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
  readonly possession: Possession;
  /** Their first claims have been answered: what becomes ours from now on starts at once. */
  #claimed = false;
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
    this.possession = new Possession({
      ownership: options.ownership,
      logger,
      takeover: options.takeover ?? false,
      inherit: options.inherit,
      onOurs: (runner) => this.#onOurs(runner),
      onLost: (runner) => this.#onGone(runner, "lost"),
      onReleased: (runner) => this.#onGone(runner, "released"),
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
        // What comes before may take long: whether it is still ours is asked last.
        gate: gatesInTurn([this.#order.gate(row.after), this.possession.gate(row.id)]),
      });
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
   * Claims all services, declares those that are ours, then starts them, but for periodic ones that are not due.
   * Resolves when each runs, has ended, waits for one that has failed, or is another launcher's.
   * @throws NothingToRunError when other launchers have them all, and none is waited for
   */
  async start(): Promise<void> {
    this.#monitor.setStatus(Status.STARTUP, "Launcher starting");
    this.#monitor.start();
    await this.possession.claim(this.runners);
    this.#refuseIfAllElsewhere();
    this.#claimed = true;
    const ours = this.runners.filter((runner) => !runner.elsewhere);
    for (const runner of ours) runner.settleHeld();
    for (const runner of ours) if (!this.#timetables.has(runner.id)) void runner.start();
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
    this.possession.close();
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

  #onOurs(runner: ServiceRunner): void {
    runner.heldBy = this.#options.heldBy?.(runner.id);
    this.#timetables.get(runner.id)?.begin();
    this.#options.onOurs(runner);
    runner.declare();
    if (!this.#claimed) return;
    runner.settleHeld();
    if (!this.#timetables.has(runner.id)) void runner.start();
  }

  #onGone(runner: ServiceRunner, how: "lost" | "released"): void {
    this.#timetables.get(runner.id)?.stop();
    this.#options.onGone(runner, how);
  }

  #refuseIfAllElsewhere(): void {
    const { runners } = this;
    if (runners.length === 0 || runners.some(({ elsewhere }) => !elsewhere || elsewhere.waits)) return;
    const owners = [...new Set(runners.map(({ elsewhere }) => elsewhere?.message ?? ""))];
    const what = runners.length === 1 ? `${runners[0]?.id} is` : `all ${runners.length} services are`;
    throw new NothingToRunError(`${what} ${owners.map(uncapitalised).join(", ")}`, {
      hint: '"tcs run --takeover" moves them here; "tcs run --standby" waits until they are free',
    });
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
    if (!this.#claimed) return;
    if (this.#timetables.size === 0 && runners.every(isOver)) this.#idle.resolve();
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

  #summarise(): void {
    if (this.#phase !== "running") return;
    const { status, message } = summarise(this.runners);
    this.#monitor.setStatus(status, message);
  }
}

/** Has done what it had to do here. */
function isOver({ state, elsewhere }: ServiceRunner): boolean {
  return state === "ended" || (elsewhere !== undefined && !elsewhere.waits);
}

function uncapitalised(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

const SUMMARY_DELAY_MS = 50;
