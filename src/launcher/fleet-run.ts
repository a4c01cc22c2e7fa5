// A run of a fleet on this host: what it needs is opened and closed here, in the right order.
import { join } from "node:path";
import { Logger } from "../common/logger.ts";
import { runMark } from "../common/run-mark.ts";
import { VERSION } from "../common/version.ts";
import type { FleetReading } from "../config/fleet-source.ts";
import type { NatsSettings } from "../config/types.ts";
import { offerLife } from "../host/offer-life.ts";
import { FleetLog, logsFolder } from "../logs/index.ts";
import { Status } from "../monitoring/index.ts";
import { bothOrNeither } from "./both-or-neither.ts";
import { BrokerContact } from "./broker-contact.ts";
import { FleetBroker } from "./fleet-broker.ts";
import { FleetCommand, type FleetCommandOptions } from "./fleet-command.ts";
import type { FleetRunOptions } from "./fleet-run-options.ts";
import { GroupGuard } from "./group-guard.ts";
import type { StartHost } from "./homes/home.ts";
import { workerHome } from "./homes/worker.ts";
import { type LauncherName, launcherName } from "./launcher-id.ts";
import { endMarked } from "./marked.ts";
import { offerMetrics } from "./offer-metrics.ts";
import { type ReloadOutcome, type ReloadRequest, Reloads } from "./reload/index.ts";
import { RemoteConfig, readWithRemote } from "./remote/index.ts";
import { Seat, tellHeirGone } from "./renewal/index.ts";
import { RunCheck } from "./run-check.ts";
import { startedWords } from "./summary.ts";
import { UnitsOfRun } from "./units-of-run.ts";

export class FleetRun {
  readonly #options: FleetRunOptions;
  readonly #name: LauncherName;
  readonly #log: FleetLog;
  /** The launcher's own voice: what it says is kept and published with the rest. */
  readonly logger: Logger;
  readonly #startWorker: StartHost;
  readonly #check: RunCheck;
  readonly #broker: FleetBroker;
  readonly #units: UnitsOfRun;
  readonly #reloads: Reloads;
  readonly #guard = new GroupGuard(runMark());
  /** This launcher's place on its host; undefined before it has begun to start. */
  seat: Seat | undefined;
  #contact: BrokerContact | undefined;
  #remote: RemoteConfig | undefined;
  #command: FleetCommand | undefined;
  /** What was opened first, and is closed last. */
  readonly #atEnd: (() => Promise<void> | void)[] = [];
  #ending: Promise<void> | undefined;
  #isKilled = false;
  #isHandedOver = false;

  constructor(options: FleetRunOptions) {
    this.#options = options;
    const { fleet } = options.reading;
    const name = this.#nameAt(options.succession?.turn ?? 0);
    this.#name = name;
    // By whichever of its names: it is one fleet's log.
    const folder = join(logsFolder(), this.#nameAt(0).id);
    this.#log = new FleetLog({ print: options.log, folder, ownId: name.monitorName, limits: fleet.logs });
    this.#log.mask.addFleet(fleet);
    const logger = new Logger("tcs", this.#log.sink);
    this.logger = logger;
    this.#startWorker = workerHome(options.workerEntry);
    this.#check = new RunCheck(this.#log.mask, this.#startWorker);
    this.#broker = new FleetBroker(fleet, logger);
    this.#units = new UnitsOfRun({ name, log: this.#log, logger, fleet });
    this.#reloads = new Reloads({
      logger,
      launcherId: name.id,
      file: options.source.path,
      mask: (text) => this.#log.mask.mask(text),
      refusal: options.once ? "it runs every service once (--once)" : undefined,
      onDone: () => this.#command?.launcher.refresh(),
    });
  }

  /**
   * Checks everything, then starts everything. Resolves when each service runs or has ended.
   * @throws ConfigError, AlreadyRunningError, BrokerStartError, StateFolderError, with nothing left running
   */
  async start(): Promise<void> {
    const { source, reading: alone, succession, once = false } = this.#options;
    const startedAt = performance.now();
    try {
      // What may refuse the run, and what must be there before anything is started.
      const seat = this.#takeSeat();
      await this.#offerLife();
      this.#log.openFiles();
      await this.#units.home.open();
      this.#guard.start();
      const nats = await this.#checkAndFindBroker();
      if (this.#ending) return;
      // The broker. Services do not wait for one that they do not need; a successor takes them over by way of it.
      const contact = this.#makeContact(nats);
      const ownership = await contact.own(source.path, alone.fleet.launcher.leaseMs);
      if (nats.required || succession) await contact.first;
      // What it has to say of the configuration.
      const remote = this.#followRemote(contact);
      const reading = await this.#readWith(remote, contact);
      if (this.#ending) return remote.close();
      // The services, and who tells them what to do.
      this.#speakBy(contact, seat);
      const command = this.#makeCommand({ reading, seat, contact, ownership, remote });
      command.open();
      await this.#offerMetrics(reading, contact, seat);
      await command.start();
      if (this.#ending) return;
      this.logger.info(startedWords(command.launcher.runners, once, performance.now() - startedAt));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops the services, then what they need. Idempotent. */
  stop(): Promise<void> {
    this.#ending ??= this.#stop();
    return this.#ending;
  }

  async #stop(): Promise<void> {
    // Nobody begins anything any more.
    this.#reloads.close();
    this.#remote?.close();
    this.#command?.close();
    if (!this.#isKilled) this.#units.leaveIfWanted();
    await this.#command?.stop();
    await this.#units.close();
    // What services have left behind, of which nothing is left to guard then.
    const mark = runMark();
    if (mark) endMarked(mark);
    this.#guard.dismiss();
    // The last words, while there is somebody to hear them.
    await this.#log.endPublishing();
    await this.#contact?.close();
    for (const end of this.#atEnd.toReversed()) await end();
    await this.#log.stop();
  }

  /**
   * Reads the configuration again and applies what is different. Resolves when that is done, or cannot be. Never rejects.
   * During the start it is done as soon as there is something to change.
   */
  reload(request: ReloadRequest): Promise<ReloadOutcome> {
    return this.#reloads.reload(request);
  }

  /** Resolves when nothing runs or is going to. */
  get idle(): Promise<void> {
    return this.#command?.launcher.idle ?? Promise.resolve();
  }

  /** Ids of the services whose latest life did not end well. */
  get failed(): string[] {
    return (this.#command?.launcher.runners ?? []).filter(({ hasFailed }) => hasFailed).map(({ id }) => id);
  }

  monitorName(turn: number): string {
    return this.#nameAt(turn).monitorName;
  }

  /** Ends when a successor has the services; a broker that was started here stays until this process ends. */
  handOver(): Promise<void> {
    this.#isHandedOver = true;
    return this.stop();
  }

  /** Ends the services at once; `stop()` then resolves soon. */
  kill(): void {
    if (this.#isKilled) return;
    this.#isKilled = true;
    this.#command?.launcher.kill();
  }

  /** @throws AlreadyRunningError, StateFolderError */
  #takeSeat(): Seat {
    const { source, reading, succession, renews = false } = this.#options;
    const { services, launcher } = reading.fleet;
    const seat = new Seat({
      file: source.path,
      part: launcher.name,
      services: services.map(({ id }) => id),
      about: { version: VERSION, config: source.path, renews },
      succession,
      logger: this.logger,
    });
    this.seat = seat;
    this.#atEnd.push(() => seat.lock.release());
    return seat;
  }

  async #offerLife(): Promise<void> {
    const starting = { status: Status.STARTUP, message: "Launcher starting" };
    const standing = () => this.#command?.launcher.standing ?? starting;
    this.#atEnd.push(await offerLife(this.#name.monitorName, this.logger, standing));
  }

  /** Side by side: both take their time. @throws ConfigError, BrokerStartError, StateFolderError */
  async #checkAndFindBroker(): Promise<NatsSettings> {
    // A successor uses it, as long as this process stands in for the fleet.
    this.#atEnd.push(() => (this.#isHandedOver ? undefined : this.#broker.stop()));
    const check = this.#check.judge(this.#options.reading);
    const [warnings, nats] = await bothOrNeither(check, this.#broker.find());
    for (const { id, message } of warnings) this.logger.warning(`${id}: ${message}`);
    this.#broker.tell(nats);
    return nats;
  }

  #makeContact(nats: NatsSettings): BrokerContact {
    this.#contact = new BrokerContact({
      nats,
      subjectPrefix: this.#options.reading.fleet.subjectPrefix,
      launcher: this.#name.monitorName,
      logger: this.logger,
      isEnding: () => this.#ending !== undefined,
      onLost: () => this.#broker.connectionLost(),
    });
    return this.#contact;
  }

  #followRemote({ messenger }: BrokerContact): RemoteConfig {
    const { fleet } = this.#options.reading;
    const remote = new RemoteConfig({
      messenger,
      fleet,
      file: this.#options.source.path,
      logger: this.logger,
      services: () => this.#command?.launcher.runners.map(({ row }) => row) ?? fleet.services,
      reload: (request) => this.#reloads.reload(request),
    });
    this.#remote = remote;
    this.#check.publishBy((schemas) => remote.publish(schemas));
    return remote;
  }

  #readWith(remote: RemoteConfig, contact: BrokerContact): Promise<FleetReading> {
    const { source, reading } = this.#options;
    const { logger } = this;
    return readWithRemote({ source, reading, remote, firstContact: contact.first, check: this.#check.judge, logger });
  }

  /** What is said of the run as a whole goes by way of the broker too. */
  #speakBy({ messenger, subjects }: BrokerContact, seat: Seat): void {
    this.#log.publishBy(messenger, subjects);
    const heir = this.monitorName(1 - (this.#options.succession?.turn ?? 0));
    seat.onHeirGone = (pid) => tellHeirGone(messenger, subjects, heir, pid);
  }

  #makeCommand(
    parts: Pick<FleetCommandOptions, "reading" | "seat" | "contact" | "ownership" | "remote">,
  ): FleetCommand {
    this.#command = new FleetCommand({
      ...parts,
      run: this.#options,
      name: this.#name,
      log: this.#log,
      logger: this.logger,
      units: this.#units,
      guard: this.#guard,
      startWorker: this.#startWorker,
      check: this.#check,
      reloads: this.#reloads,
    });
    return this.#command;
  }

  /** On a port that a predecessor may still have. */
  async #offerMetrics({ fleet }: FleetReading, { messenger }: BrokerContact, seat: Seat): Promise<void> {
    const { metrics } = fleet;
    if (!metrics) return;
    const source = { messenger, fleet, name: this.#name, logger: this.logger };
    await seat.whenAlone(async () => void this.#atEnd.push(await offerMetrics(metrics, source)));
  }

  /** The name of this launcher when it is its turn, 0 or 1. */
  #nameAt(turn: number): LauncherName {
    const { source, reading } = this.#options;
    const { home, name } = reading.fleet.launcher;
    return launcherName(source.path, home, name, undefined, turn);
  }
}
