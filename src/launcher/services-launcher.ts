// Runs a fleet: one runner per service, one monitor for the whole, and an orderly end.
import { hostname } from "node:os";
import { Logger } from "../common/logger.ts";
import { ownVariables } from "../config/own-variables.ts";
import type { FleetConfig, ServiceRow } from "../config/types.ts";
import type { ServiceSpec } from "../host/protocol.ts";
import { HEALTHCHECK_INTERVAL_MS, HEARTBEAT_INTERVAL_MS, serviceSpec } from "../host/service-spec.ts";
import { Subjects } from "../messaging/subjects.ts";
import { MessengerMonitoredObject, Status } from "../monitoring/index.ts";
import { HostPool } from "./host-pool.ts";
import { hostReports } from "./host-reports.ts";
import { isOver, refuseIfAllElsewhere } from "./nothing-to-run.ts";
import { Possession } from "./possession.ts";
import { RegistryEvents } from "./registry-events.ts";
import { RestartTurns } from "./restart-turns.ts";
import { ServiceRunner } from "./service-runner.ts";
import type { ServicesLauncherOptions } from "./services-launcher-options.ts";
import { Settling } from "./settling.ts";
import { soon } from "./soon.ts";
import { tellStandstill } from "./standstill.ts";
import { gatesInTurn } from "./start-gate.ts";
import { StartOrder } from "./start-order.ts";
import { summarise } from "./summary.ts";
import { Timetables } from "./timetables.ts";
import { Watchdog } from "./watchdog.ts";

const SUMMARY_DELAY_MS = 50;

export class ServicesLauncher {
  readonly #monitor: MessengerMonitoredObject;
  readonly #options: ServicesLauncherOptions;
  readonly #subjects: Subjects;
  readonly #logger: Logger;
  readonly #hosts: HostPool;
  readonly #runners = new Map<string, ServiceRunner>();
  readonly #order = new StartOrder();
  readonly #watchdog: Watchdog;
  readonly #turns = new RestartTurns();
  readonly #timetables: Timetables;
  readonly possession: Possession;
  readonly #settling = new Settling((runner) => this.#timetables.isPeriodic(runner) || this.#order.isSettled(runner));
  /** Their first claims have been answered: what becomes ours from now on starts at once. */
  #isClaimed = false;
  readonly #claimed = Promise.withResolvers<void>();
  #fleet: FleetConfig;
  #onMember: ((runner: ServiceRunner, change: "added" | "removed") => void) | undefined;
  #phase: "starting" | "running" | "stopping" = "starting";
  #idle = Promise.withResolvers<void>();
  /** Many services change together at start: one summary tells them all. */
  readonly #refreshSoon = soon(SUMMARY_DELAY_MS, () => this.refresh());

  constructor(options: ServicesLauncherOptions) {
    const { fleet, name, sink, scheduler } = options;
    this.#options = options;
    this.#fleet = fleet;
    this.#subjects = new Subjects(fleet.subjectPrefix);
    this.#logger = new Logger("tcs", options.log);
    this.#monitor = new MessengerMonitoredObject(name.monitorName, {
      sink,
      subjects: this.#subjects,
      scheduler,
      heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
      healthcheckIntervalMs: HEALTHCHECK_INTERVAL_MS,
      logger: this.#logger,
    });
    if (options.onStatus) this.#monitor.onChange(options.onStatus);
    this.#watchdog = new Watchdog(scheduler, (lagMs) => tellStandstill(this.runners, lagMs, this.#logger));
    this.#hosts = new HostPool({ homes: options.homes, nats: options.nats, onMessage: hostReports(options) });
    this.possession = new Possession({
      ownership: options.ownership,
      logger: this.#logger,
      takeover: options.takeover ?? false,
      ...(options.isHeir ? { isHeir: options.isHeir } : {}),
      inherit: options.inherit,
      onOurs: (runner) => this.#onOurs(runner),
      onLost: (runner) => this.#onTaken(runner, "lost"),
      onReleased: (runner) => this.#onTaken(runner, "released"),
    });
    this.#timetables = new Timetables({
      launcherId: name.id,
      logger: this.#logger,
      ignored: options.once ?? false,
      members: this,
    });
    for (const row of fleet.services) this.add(row);
  }

  /** All services, in the order of the configuration; those that were added later last. */
  get runners(): readonly ServiceRunner[] {
    return [...this.#runners.values()];
  }

  /** True once it is being stopped: nothing starts any more. */
  get isEnding(): boolean {
    return this.#phase === "stopping";
  }

  /** What its monitor says of the whole. */
  get standing(): { status: Status; message: string | undefined } {
    return { status: this.#monitor.status, message: this.#monitor.message };
  }

  get(id: string): ServiceRunner | undefined {
    return this.#runners.get(id);
  }

  /** A service, and those that run beside it. */
  family(id: string): ServiceRunner[] {
    const main = this.get(id);
    return main ? [main, ...this.#timetables.siblings.of(id)] : [];
  }

  /**
   * Claims all services, declares those that are ours, then starts them, but for periodic ones that are not due.
   * Resolves when each runs, has ended, waits for one that has failed, or is another launcher's.
   * @param takeEach claims them in another way; what becomes ours by it starts at once
   * @throws NothingToRunError when other launchers have them all, and none is waited for; or what `takeEach` throws
   */
  async start(takeEach?: (runners: readonly ServiceRunner[]) => Promise<void>): Promise<void> {
    this.#monitor.setStatus(Status.STARTUP, "Launcher starting");
    this.#monitor.start();
    if (!takeEach) await this.possession.claim(this.runners);
    if (!takeEach) refuseIfAllElsewhere(this.runners);
    this.#isClaimed = true;
    this.#claimed.resolve();
    if (takeEach) await takeEach(this.runners);
    else this.#start(this.runners.filter((runner) => !runner.elsewhere));
    await this.settled(() => this.runners);
    if (this.#phase === "starting") this.#phase = "running";
    this.refresh();
  }

  /** Resolves when it is known of each service whose it is; or when the launcher ends. */
  get claimed(): Promise<void> {
    return this.#claimed.promise;
  }

  /** Takes in a service; `claim` of the possession starts it, if it is ours. */
  add(row: ServiceRow): ServiceRunner {
    const runner = this.#createRunner(row);
    this.#runners.set(runner.id, runner);
    this.#order.add(runner);
    this.#onMember?.(runner, "added");
    return runner;
  }

  /** Nothing starts the service any more; `remove` lets go of it. */
  retire(runner: ServiceRunner, by: string): void {
    this.#timetables.drop(runner.id);
    runner.undeclare(by);
  }

  /** Lets go of a service that has been stopped: others may have it. */
  async remove(runner: ServiceRunner): Promise<void> {
    if (this.#runners.get(runner.id) !== runner) return;
    this.#timetables.siblings.forget(runner);
    this.#runners.delete(runner.id);
    this.#order.remove(runner.id);
    if (!runner.elsewhere) this.#onGone(runner, "released");
    this.#onMember?.(runner, "removed");
    this.#onChange();
    await this.possession.drop(runner);
  }

  /** Calls `listener` for each service that comes or goes from now on. */
  set onMember(listener: (runner: ServiceRunner, change: "added" | "removed") => void) {
    this.#onMember = listener;
  }

  /** What the fleet is from now on; its rows are given to `reconfigure` and `add`. */
  set fleet(fleet: FleetConfig) {
    this.#fleet = fleet;
  }
  get fleet(): FleetConfig {
    return this.#fleet;
  }

  /** Gives a service another row: it counts from its next start on, its restart policy and its timetable at once. */
  reconfigure(row: ServiceRow): void {
    const runner = this.#runners.get(row.id);
    if (!runner) return;
    const before = runner.row.timetable;
    runner.reconfigure(row, this.#specOf(row));
    if (!row.timetable) this.#timetables.drop(row.id);
    else if (before && !Bun.deepEquals(before, row.timetable)) this.#timetables.renew(runner);
    this.#timetables.siblings.follow(runner, (sibling) => this.reconfigure(sibling));
  }

  /** Declares services that are ours, then starts them, but for periodic ones, which wait until they are due. */
  begin(runners: readonly ServiceRunner[]): void {
    if (this.isEnding) return;
    const ours = runners.filter((runner) => !runner.elsewhere && !runner.events.removed);
    for (const runner of ours) {
      this.#timetables.keep(runner);
      runner.declare();
    }
    this.#start(ours);
  }

  /** Stops some services, each after those of them that come after it. @returns the end of each */
  stopSome(runners: readonly ServiceRunner[], reason: string): Map<ServiceRunner, Promise<void>> {
    return this.#order.stop(runners, reason);
  }

  /** Resolves when each runs, has ended, waits until it is due or for one that has failed, or is another launcher's. */
  settled(runners: () => readonly ServiceRunner[]): Promise<void> {
    return this.#settling.whenAll(runners);
  }

  /** Resolves when no service runs or is going to. */
  get idle(): Promise<void> {
    return this.#idle.promise;
  }

  /** Stops all services, each within its limit, then the launcher's own monitor. */
  async stop(): Promise<void> {
    this.#phase = "stopping";
    this.#claimed.resolve();
    this.possession.close();
    this.#monitor.setStatus(Status.SHUTDOWN, "Launcher shutting down");
    this.#timetables.stop();
    await this.#order.stopAll("launcher shutting down");
    await this.#hosts.ended();
    this.#watchdog.stop();
    this.#monitor.stop();
  }

  /** Ends everything at once. */
  kill(): void {
    this.#phase = "stopping";
    this.#timetables.stop();
    for (const runner of this.runners) runner.kill();
    this.#hosts.killAll();
  }

  #onOurs(runner: ServiceRunner): void {
    runner.heldBy = this.#options.heldBy?.(runner.id);
    this.#timetables.keep(runner);
    this.#options.onOurs(runner);
    runner.declare();
    if (this.#isClaimed) this.#start([runner]);
  }

  #onTaken(runner: ServiceRunner, how: "lost" | "released"): void {
    this.#onGone(runner, how);
    void this.#timetables.siblings.leave(runner.id);
  }

  #onGone(runner: ServiceRunner, how: "lost" | "released"): void {
    this.#timetables.drop(runner.id);
    this.#options.onGone(runner, how);
  }

  #start(runners: readonly ServiceRunner[]): void {
    for (const runner of runners) runner.settleHeld();
    for (const runner of runners) if (!this.#timetables.isPeriodic(runner)) void runner.start();
    this.#onChange();
  }

  /** The only place where runners are made. */
  #createRunner(row: ServiceRow): ServiceRunner {
    const { sink, lastLines } = this.#options;
    const events = new RegistryEvents(sink, this.#subjects, {
      serviceId: row.id,
      hostname: hostname(),
      extras: () => this.#timetables.fieldsOf(runner),
      lastLines: () => lastLines?.(row.id) ?? [],
      ...this.#launched(row),
    });
    const runner = new ServiceRunner({
      row,
      spec: this.#specOf(row),
      hosts: this.#hosts,
      logger: this.#logger,
      events,
      onChange: () => this.#onChange(),
      watchdog: this.#watchdog,
      turns: this.#turns,
      // What comes before may take long: whether it is still ours is asked last.
      gate: gatesInTurn([this.#order.gate(row.id), this.possession.gate(row.id)]),
    });
    return runner;
  }

  #specOf(row: ServiceRow): ServiceSpec {
    const variables = ownVariables(row.type, process.env);
    return { ...serviceSpec(row, this.#fleet, this.#launched(row)), variables };
  }

  #launched(row: ServiceRow) {
    const { id, monitorName } = this.#options.name;
    return { parent: monitorName, runnerId: row.runnerId ?? `${id}.${row.type}` };
  }

  #onChange(): void {
    this.#options.onProgress?.();
    if (!this.#isClaimed) return;
    const { runners } = this;
    if (runners.every((runner) => isOver(runner) && !this.#timetables.isPeriodic(runner))) this.#idle.resolve();
    this.#settling.look();
    this.#refreshSoon();
  }

  /** Tells the state of the fleet now: soon after each change it does so by itself. */
  refresh(): void {
    if (this.#phase !== "running") return;
    const active = this.runners.filter((runner) => !this.#timetables.siblings.isResting(runner));
    const { status, message } = summarise(active);
    this.#monitor.setStatus(status, message);
  }
}
