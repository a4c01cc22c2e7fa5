// Makes the runners of a launcher, and has what they share: hosts, watchdog, and the turns of restarts.
import { hostname } from "node:os";
import type { JsonObject } from "../common/json.ts";
import type { Logger, LogRecord } from "../common/logger.ts";
import type { Scheduler } from "../common/scheduler.ts";
import { ownVariables } from "../config/own-variables.ts";
import type { FleetConfig, NatsSettings, ServiceHome, ServiceRow } from "../config/types.ts";
import type { ServiceSpec } from "../host/protocol.ts";
import { serviceSpec } from "../host/service-spec.ts";
import type { Subjects } from "../messaging/subjects.ts";
import type { StartHost } from "./homes/home.ts";
import { HostPool } from "./host-pool.ts";
import { type HostReportsOptions, hostReports } from "./host-reports.ts";
import type { LauncherName } from "./launcher-id.ts";
import { RegistryEvents } from "./registry-events.ts";
import { RestartTurns } from "./restart-turns.ts";
import { ServiceRunner } from "./service-runner.ts";
import type { StartGate } from "./start-gate.ts";
import { Watchdog } from "./watchdog.ts";

export interface RunnerMakerOptions extends HostReportsOptions {
  name: LauncherName;
  homes: Record<ServiceHome, StartHost>;
  /** The broker that services may connect to. */
  nats?: NatsSettings | undefined;
  subjects: Subjects;
  scheduler: Scheduler;
  logger: Logger;
  /** The last lines that a service has logged. */
  lastLines?: ((id: string) => readonly LogRecord[]) | undefined;
  /** What events tell of a service beside their own fields. */
  extras: (runner: ServiceRunner) => JsonObject;
  /** What must come before each start of a service. */
  gate: (id: string) => StartGate;
  onChange: () => void;
  /** The launcher's own event loop stood still. */
  onStandstill: (lagMs: number) => void;
}

export class RunnerMaker {
  readonly #options: RunnerMakerOptions;
  readonly #hosts: HostPool;
  readonly #watchdog: Watchdog;
  readonly #turns = new RestartTurns();

  constructor(options: RunnerMakerOptions) {
    this.#options = options;
    this.#hosts = new HostPool({ homes: options.homes, nats: options.nats, onMessage: hostReports(options) });
    this.#watchdog = new Watchdog(options.scheduler, options.onStandstill);
  }

  /** @param fleet the configuration of the row */
  make(row: ServiceRow, fleet: FleetConfig): ServiceRunner {
    const { sink, subjects, lastLines, extras, logger, gate, onChange } = this.#options;
    const events = new RegistryEvents(sink, subjects, {
      serviceId: row.id,
      hostname: hostname(),
      extras: () => extras(runner),
      lastLines: () => lastLines?.(row.id) ?? [],
      ...this.#launched(row),
    });
    const runner = new ServiceRunner({
      row,
      spec: this.specOf(row, fleet),
      hosts: this.#hosts,
      logger,
      events,
      onChange,
      watchdog: this.#watchdog,
      turns: this.#turns,
      gate: gate(row.id),
    });
    return runner;
  }

  /** What a host needs to run the service. */
  specOf(row: ServiceRow, fleet: FleetConfig): ServiceSpec {
    const variables = ownVariables(row.type, process.env);
    return { ...serviceSpec(row, fleet, this.#launched(row)), variables };
  }

  /** All runners have ended: resolves when their hosts have. */
  async end(): Promise<void> {
    await this.#hosts.ended();
    this.#watchdog.stop();
  }

  /** Ends every host at once. */
  killAll(): void {
    this.#hosts.killAll();
  }

  #launched(row: ServiceRow) {
    const { id, monitorName } = this.#options.name;
    return { parent: monitorName, runnerId: row.runnerId ?? `${id}.${row.type}` };
  }
}
