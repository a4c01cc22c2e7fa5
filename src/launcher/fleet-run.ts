// A run of a fleet on this host: what it needs is opened and closed here, in the right order.
import type { Logger } from "../common/logger.ts";
import { runMark } from "../common/run-mark.ts";
import { VERSION } from "../common/version.ts";
import type { FleetReading } from "../config/fleet-source.ts";
import type { NatsSettings } from "../config/types.ts";
import { offerLife } from "../host/offer-life.ts";
import { Status } from "../monitoring/index.ts";
import { bothOrNeither } from "./both-or-neither.ts";
import { BrokerContact } from "./broker-contact.ts";
import { FleetBroker } from "./fleet-broker.ts";
import { FleetCommand, type FleetCommandOptions } from "./fleet-command.ts";
import type { FleetRunOptions } from "./fleet-run-options.ts";
import { GroupGuard } from "./group-guard.ts";
import { endMarked } from "./marked.ts";
import { offerMetrics } from "./offer-metrics.ts";
import { type ReloadOutcome, type ReloadRequest, Reloads } from "./reload/index.ts";
import { RemoteConfig, readWithRemote } from "./remote/index.ts";
import { Seat, tellHeirGone } from "./renewal/index.ts";
import { keepReserve } from "./reserve.ts";
import { RunBasics } from "./run-basics.ts";
import { startedWords } from "./summary.ts";
import { UnitsOfRun } from "./units-of-run.ts";

export class FleetRun {
  readonly #basics: RunBasics;
  readonly #options: FleetRunOptions;
  readonly logger: Logger;
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
    const basics = new RunBasics(options);
    const { name, log, logger } = basics;
    const { fleet } = options.reading;
    this.#basics = basics;
    this.#options = options;
    this.logger = logger;
    this.#broker = new FleetBroker(fleet, logger);
    this.#units = new UnitsOfRun({ name, folder: basics.nameAt(0).id, log, logger, fleet });
    this.#reloads = new Reloads({
      logger,
      launcherId: name.id,
      file: options.source.path,
      mask: (text) => log.mask.mask(text),
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
      this.#basics.log.openFiles();
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
      keepReserve(this.logger);
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
    await this.#basics.log.endPublishing();
    await this.#contact?.close();
    for (const end of this.#atEnd.toReversed()) await end();
    await this.#basics.log.stop();
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
    return this.#basics.nameAt(turn).monitorName;
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
    this.#atEnd.push(await offerLife(this.#basics.name.monitorName, this.logger, standing));
  }

  /** Side by side: both take their time. @throws ConfigError, BrokerStartError, StateFolderError */
  async #checkAndFindBroker(): Promise<NatsSettings> {
    // A successor uses it, as long as this process stands in for the fleet.
    this.#atEnd.push(() => (this.#isHandedOver ? undefined : this.#broker.stop()));
    const check = this.#basics.check.judge(this.#options.reading);
    const [warnings, nats] = await bothOrNeither(check, this.#broker.find());
    for (const { id, message } of warnings) this.logger.warning(`${id}: ${message}`);
    this.#broker.tell(nats);
    return nats;
  }

  #makeContact(nats: NatsSettings): BrokerContact {
    this.#contact = new BrokerContact({
      nats,
      subjectPrefix: this.#options.reading.fleet.subjectPrefix,
      launcher: this.#basics.name.monitorName,
      alias: this.monitorName(1 - (this.#options.succession?.turn ?? 0)),
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
    this.#basics.check.publishBy((schemas) => remote.publish(schemas));
    return remote;
  }

  #readWith(remote: RemoteConfig, contact: BrokerContact): Promise<FleetReading> {
    const { source, reading } = this.#options;
    const { logger } = this;
    return readWithRemote({
      source,
      reading,
      remote,
      firstContact: contact.first,
      check: this.#basics.check.judge,
      logger,
    });
  }

  /** What is said of the run as a whole goes by way of the broker too. */
  #speakBy({ messenger, subjects }: BrokerContact, seat: Seat): void {
    this.#basics.log.publishBy(messenger, subjects);
    const heir = this.monitorName(1 - (this.#options.succession?.turn ?? 0));
    seat.onHeirGone = (pid) => tellHeirGone(messenger, subjects, heir, pid);
  }

  #makeCommand(
    parts: Pick<FleetCommandOptions, "reading" | "seat" | "contact" | "ownership" | "remote">,
  ): FleetCommand {
    this.#command = new FleetCommand({
      ...parts,
      basics: this.#basics,
      units: this.#units,
      guard: this.#guard,
      reloads: this.#reloads,
    });
    return this.#command;
  }

  /** On a port that a predecessor may still have. */
  async #offerMetrics({ fleet }: FleetReading, { messenger }: BrokerContact, seat: Seat): Promise<void> {
    const { metrics } = fleet;
    if (!metrics) return;
    const source = { messenger, fleet, name: this.#basics.name, logger: this.logger };
    await seat.whenAlone(async () => void this.#atEnd.push(await offerMetrics(metrics, source)));
  }
}
