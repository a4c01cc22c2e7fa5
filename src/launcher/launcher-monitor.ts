// What a launcher says of itself: its status is that of its services.
import type { Logger } from "../common/logger.ts";
import type { Scheduler } from "../common/scheduler.ts";
import { HEALTHCHECK_INTERVAL_MS, HEARTBEAT_INTERVAL_MS } from "../host/service-spec.ts";
import type { ReportSink } from "../messaging/report-sink.ts";
import type { Subjects } from "../messaging/subjects.ts";
import { MessengerMonitoredObject, Status } from "../monitoring/index.ts";
import type { ChangeListener } from "../monitoring/listeners.ts";
import type { LauncherName } from "./launcher-id.ts";
import type { ServiceRunner } from "./service-runner.ts";
import { summarise } from "./summary.ts";

export interface LauncherMonitorOptions {
  name: LauncherName;
  sink: ReportSink;
  subjects: Subjects;
  scheduler: Scheduler;
  logger: Logger;
  /** Told when its status changes. */
  onStatus?: ChangeListener | undefined;
}

export class LauncherMonitor {
  readonly #monitor: MessengerMonitoredObject;

  constructor({ name, sink, subjects, scheduler, logger, onStatus }: LauncherMonitorOptions) {
    this.#monitor = new MessengerMonitoredObject(name.monitorName, {
      sink,
      subjects,
      scheduler,
      logger,
      heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
      healthcheckIntervalMs: HEALTHCHECK_INTERVAL_MS,
    });
    if (onStatus) this.#monitor.onChange(onStatus);
  }

  /** What it has said last. */
  get standing(): { status: Status; message: string | undefined } {
    return { status: this.#monitor.status, message: this.#monitor.message };
  }

  start(): void {
    this.#monitor.setStatus(Status.STARTUP, "Launcher starting");
    this.#monitor.start();
  }

  /** Tells how the fleet is. */
  tell(runners: readonly ServiceRunner[]): void {
    const { status, message } = summarise(runners);
    this.#monitor.setStatus(status, message);
  }

  /** The launcher is ending. */
  shutDown(): void {
    this.#monitor.setStatus(Status.SHUTDOWN, "Launcher shutting down");
  }

  stop(): void {
    this.#monitor.stop();
  }
}
