// Runs a fleet: one runner per service, one monitor for the whole, and an orderly end.
import { hostname } from "node:os";
import { Logger, type LogSink } from "../common/logger.ts";
import type { Scheduler } from "../common/scheduler.ts";
import type { FleetConfig, Home } from "../config/types.ts";
import type { FromHost } from "../host/protocol.ts";
import { HEALTHCHECK_INTERVAL_MS, HEARTBEAT_INTERVAL_MS, serviceSpec } from "../host/service-spec.ts";
import type { ReportSink } from "../messaging/report-sink.ts";
import { Subjects } from "../messaging/subjects.ts";
import { aggregateStatus, isHealthy, MessengerMonitoredObject, Status } from "../monitoring/index.ts";
import type { StartHost } from "./homes/home.ts";
import { HostPool } from "./host-pool.ts";
import type { LauncherName } from "./launcher-id.ts";
import { RegistryEvents } from "./registry-events.ts";
import { ServiceRunner } from "./service-runner.ts";

export interface ServicesLauncherOptions {
  fleet: FleetConfig;
  name: LauncherName;
  homes: Record<Home, StartHost>;
  /** Where the reports of launcher and services go. */
  sink: ReportSink;
  scheduler: Scheduler;
  log: LogSink;
}

export class ServicesLauncher {
  readonly runners: readonly ServiceRunner[];
  readonly #monitor: MessengerMonitoredObject;
  readonly #hosts: HostPool;
  readonly #log: LogSink;
  readonly #sink: ReportSink;
  #phase: "starting" | "running" | "stopping" = "starting";
  #idle = Promise.withResolvers<void>();
  #summaryDue = false;

  constructor(options: ServicesLauncherOptions) {
    const { fleet, name, sink, scheduler } = options;
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
    this.#hosts = new HostPool({
      homes: options.homes,
      onMessage: (message) => this.#onHostMessage(message),
    });
    this.runners = fleet.services.map((row) => {
      const launched = { parent: name.monitorName, runnerId: row.runnerId ?? `${name.id}.${row.type}` };
      return new ServiceRunner({
        row,
        spec: serviceSpec(row, fleet, launched),
        hosts: this.#hosts,
        logger,
        events: new RegistryEvents(sink, subjects, { serviceId: row.id, hostname: hostname(), ...launched }),
        onChange: () => this.#onChange(),
      });
    });
  }

  /** Declares all services, then starts them. Resolves when each runs or has ended. */
  async start(): Promise<void> {
    this.#monitor.setStatus(Status.STARTUP, "Launcher starting");
    this.#monitor.start();
    for (const runner of this.runners) runner.declare();
    await Promise.all(this.runners.map((runner) => runner.start()));
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
    await Promise.all(this.runners.map((runner) => runner.stop("launcher shutting down")));
    await this.#hosts.ended();
    this.#monitor.stop();
  }

  /** Ends everything at once. */
  kill(): void {
    for (const runner of this.runners) runner.kill();
    this.#hosts.killAll();
  }

  #onHostMessage(message: FromHost): void {
    switch (message.kind) {
      case "log":
        this.#log(message.record);
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
    if (this.runners.every((runner) => runner.state === "ended")) this.#idle.resolve();
    // Many services change together at start: one summary tells them all.
    if (this.#summaryDue) return;
    this.#summaryDue = true;
    setTimeout(() => {
      this.#summaryDue = false;
      this.#summarise();
    }, SUMMARY_DELAY_MS);
  }

  /** The launcher's status is the worst of its services', and its message says which are not well. */
  #summarise(): void {
    if (this.#phase !== "running") return;
    const completed = (runner: ServiceRunner) => runner.state === "ended" && runner.status.status === Status.SHUTDOWN;
    const expected = this.runners.filter((runner) => !completed(runner));
    const troubled = expected.filter((runner) => !isHealthy(runner.status.status));
    const worst = aggregateStatus([Status.OK, ...expected.map((runner) => runner.status.status)]);
    const running = this.runners.filter((runner) => runner.state === "running").length;
    const count = `${running} of ${this.runners.length} services running`;
    const names = troubled.slice(0, 3).map((runner) => `${runner.id} ${runner.status.status}`);
    const more = troubled.length > 3 ? ` and ${troubled.length - 3} more` : "";
    // idle and busy say what a service does, not how its launcher is.
    const status = worst === Status.IDLE || worst === Status.BUSY ? Status.OK : worst;
    this.#monitor.setStatus(status, troubled.length === 0 ? count : `${count}; ${names.join(", ")}${more}`);
  }
}

const SUMMARY_DELAY_MS = 50;
