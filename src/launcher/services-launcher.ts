// Runs a fleet: one runner per service, one monitor for the whole, and an orderly end.
import { Logger } from "../common/logger.ts";
import type { FleetConfig, ServiceRow } from "../config/types.ts";
import { Subjects } from "../messaging/subjects.ts";
import type { Status } from "../monitoring/index.ts";
import { LauncherMonitor } from "./launcher-monitor.ts";
import { isOver, refuseIfAllElsewhere } from "./nothing-to-run.ts";
import { Possession } from "./possession.ts";
import { RunnerMaker } from "./runner-maker.ts";
import type { ServiceRunner } from "./service-runner.ts";
import type { ServicesLauncherOptions } from "./services-launcher-options.ts";
import { Settling } from "./settling.ts";
import { soon } from "./soon.ts";
import { tellStandstill } from "./standstill.ts";
import { gatesInTurn } from "./start-gate.ts";
import { StartOrder } from "./start-order.ts";
import { Timetables } from "./timetables.ts";

const SUMMARY_DELAY_MS = 50;

export class ServicesLauncher {
  readonly #options: ServicesLauncherOptions;
  readonly #monitor: LauncherMonitor;
  readonly #maker: RunnerMaker;
  readonly #runners = new Map<string, ServiceRunner>();
  readonly #order = new StartOrder();
  readonly #timetables: Timetables;
  readonly possession: Possession;
  readonly #settling = new Settling((runner) => this.#timetables.isPeriodic(runner) || this.#order.isSettled(runner));
  /** Their first claims have been answered: what becomes ours from now on starts at once. */
  #isClaimed = false;
  readonly #claimed = Promise.withResolvers<void>();
  /** What the fleet is now; its rows are given to `reconfigure` and `add`. */
  fleet: FleetConfig;
  #phase: "starting" | "running" | "stopping" = "starting";
  #idle = Promise.withResolvers<void>();
  /** Many services change together at start: one summary tells them all. */
  readonly #refreshSoon = soon(SUMMARY_DELAY_MS, () => this.refresh());

  constructor(options: ServicesLauncherOptions) {
    const { fleet, name } = options;
    this.#options = options;
    this.fleet = fleet;
    const logger = new Logger("tcs", options.log);
    const common = { ...options, subjects: new Subjects(fleet.subjectPrefix), logger };
    this.#monitor = new LauncherMonitor(common);
    this.#maker = new RunnerMaker({
      ...common,
      extras: (runner) => this.#timetables.fieldsOf(runner),
      // What comes before may take long: whether it is still ours is asked last.
      gate: (id) => gatesInTurn([this.#order.gate(id), this.possession.gate(id)]),
      onChange: () => this.#onChange(),
      onStandstill: (lagMs) => tellStandstill(this.runners, lagMs, logger),
    });
    this.possession = new Possession({
      ownership: options.ownership,
      logger,
      takeover: options.takeover ?? false,
      ...(options.isHeir ? { isHeir: options.isHeir } : {}),
      ...(options.onLeft ? { onLeft: options.onLeft } : {}),
      inherit: options.inherit,
      onOurs: (runner) => this.#onOurs(runner),
      onConfirmed: (runner) => this.#onConfirmed(runner, logger),
      onLost: (runner) => this.#onTaken(runner, "lost"),
      onReleased: (runner) => this.#onTaken(runner, "released"),
    });
    this.#timetables = new Timetables({
      launcherId: name.id,
      logger,
      ignored: options.once ?? false,
      members: this,
    });
    for (const row of fleet.services) this.#admit(row);
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
    return this.#monitor.standing;
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
    const runner = this.#admit(row);
    this.#options.onMember?.(runner, "added");
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
    this.#options.onMember?.(runner, "removed");
    this.#onChange();
    await this.possession.drop(runner);
  }

  /** Gives a service another row: it counts from its next start on, its restart policy and its timetable at once. */
  reconfigure(row: ServiceRow): void {
    const runner = this.#runners.get(row.id);
    if (!runner) return;
    const before = runner.row.timetable;
    runner.reconfigure(row, this.#maker.specOf(row, this.fleet));
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
    this.#monitor.shutDown();
    this.#timetables.stop();
    await this.#order.stopAll("launcher shutting down");
    await this.#maker.end();
    this.#monitor.stop();
  }

  /** Ends everything at once. */
  kill(): void {
    this.#phase = "stopping";
    this.#timetables.stop();
    for (const runner of this.runners) runner.kill();
    this.#maker.killAll();
  }

  #admit(row: ServiceRow): ServiceRunner {
    const runner = this.#maker.make(row, this.fleet);
    this.#runners.set(runner.id, runner);
    this.#order.add(runner);
    return runner;
  }

  #onOurs(runner: ServiceRunner): void {
    runner.heldBy = this.#options.heldBy?.(runner.id);
    this.#timetables.keep(runner);
    this.#options.onOurs(runner);
    runner.declare();
    if (this.#isClaimed) this.#start([runner]);
  }

  /** It was begun, or left alone, by what this host knew without the broker. */
  #onConfirmed(runner: ServiceRunner, logger: Logger): void {
    const held = this.#options.heldBy?.(runner.id);
    if (held === runner.heldBy) return;
    runner.heldBy = held;
    runner.declare();
    const when = "while this launcher was without the broker";
    if (held) {
      logger.warning(`${runner.id} was stopped by ${held.by} ${when}: stopped here too`);
      void runner.stop(`stopped by ${held.by}`).then(() => runner.settleHeld());
    } else {
      logger.info(`${runner.id} was started by an operator ${when}: started here`);
      this.#start([runner]);
    }
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
    this.#monitor.tell(this.runners.filter((runner) => !this.#timetables.siblings.isResting(runner)));
  }
}
