// A run of a fleet on this host: broker, messenger, check and launcher, started and ended in the right order.
import { join } from "node:path";
import { Logger } from "../common/logger.ts";
import { runMark } from "../common/run-mark.ts";
import { Scheduler } from "../common/scheduler.ts";
import { VERSION } from "../common/version.ts";
import { adoptEnv, type FleetReading } from "../config/fleet-source.ts";
import { offerLife } from "../host/offer-life.ts";
import { FleetLog, logsFolder, maskReports } from "../logs/index.ts";
import { type Messenger, RpcServer, Subjects } from "../messaging/index.ts";
import { Status } from "../monitoring/index.ts";
import { bothOrNeither } from "./both-or-neither.ts";
import { LauncherControl } from "./control/index.ts";
import { DesiredState } from "./desired-state.ts";
import { type DevMode, startDevMode } from "./dev/index.ts";
import { FleetBroker } from "./fleet-broker.ts";
import { checkFleet } from "./fleet-check.ts";
import type { FleetRunOptions } from "./fleet-run-options.ts";
import { GroupGuard } from "./group-guard.ts";
import { Hearsay } from "./hearsay.ts";
import { allHomes } from "./homes/all-homes.ts";
import { workerHome } from "./homes/worker.ts";
import { inheritStops } from "./inherited-stop.ts";
import { type LauncherName, launcherName } from "./launcher-id.ts";
import { endMarked } from "./marked.ts";
import { MutedSink } from "./muted-sink.ts";
import { offerMetrics } from "./offer-metrics.ts";
import { makeMessenger, openMessenger } from "./open-messenger.ts";
import { Ownership } from "./ownership/index.ts";
import { Reloader, type ReloadOutcome, type ReloadRequest, Reloads } from "./reload/index.ts";
import { RemoteConfig, readWithRemote } from "./remote/index.ts";
import { Seat, takeOver, tellHeirGone } from "./renewal/index.ts";
import type { ServiceSchema } from "./service-schemas.ts";
import { ServicesLauncher } from "./services-launcher.ts";
import { startedWords } from "./summary.ts";
import { UnitsOfRun } from "./units-of-run.ts";

/** How long the last reports may take to reach the broker, milliseconds. */
const LAST_REPORTS_MS = 2000;

export class FleetRun {
  readonly #options: FleetRunOptions;
  readonly #name: LauncherName;
  readonly #log: FleetLog;
  /** The launcher's own voice: what it says is kept and published with the rest. */
  readonly logger: Logger;
  readonly #atEnd: (() => Promise<void> | void)[] = [];
  #launcher: ServicesLauncher | undefined;
  #control: LauncherControl | undefined;
  #messenger: Messenger | undefined;
  #ownership: Ownership | undefined;
  #hearsay: Hearsay | undefined;
  #ending: Promise<void> | undefined;
  #guard: GroupGuard | undefined;
  #dev: DevMode | undefined;
  #killed = false;
  readonly #units: UnitsOfRun;
  /** This launcher's place on its host; undefined before it has begun to start. */
  seat: Seat | undefined;
  #isHandedOver = false;
  readonly #reloads: Reloads;
  #remote: RemoteConfig | undefined;

  constructor(options: FleetRunOptions) {
    this.#options = options;
    const { log } = options;
    const { fleet } = options.reading;
    this.#name = this.#nameAt(options.succession?.turn ?? 0);
    const { id, monitorName } = this.#name;
    // By whichever of its names: it is one fleet's log.
    const folder = join(logsFolder(), this.#nameAt(0).id);
    this.#log = new FleetLog({ print: log, folder, ownId: monitorName, limits: fleet.logs });
    this.#log.mask.addFleet(fleet);
    this.logger = new Logger("tcs", this.#log.sink);
    this.#units = new UnitsOfRun({
      name: this.#name,
      log: this.#log,
      logger: this.logger,
      fleet: () => this.#launcher?.fleet ?? fleet,
      launcher: () => this.#launcher,
      control: () => this.#control,
    });
    this.#reloads = new Reloads({
      logger: this.logger,
      launcherId: id,
      file: options.source.path,
      mask: (text) => this.#log.mask.mask(text),
      refusal: options.once ? "it runs every service once (--once)" : undefined,
      onDone: () => this.#launcher?.refresh(),
    });
  }

  /**
   * Checks everything, then starts everything. Resolves when each service runs or has ended.
   * @throws ConfigError, AlreadyRunningError, BrokerStartError, StateFolderError, with nothing left running
   */
  async start(): Promise<void> {
    const { source, reading: alone, modules, workerEntry, manager } = this.#options;
    const { subjectPrefix } = alone.fleet;
    const file = source.path;
    const startedAt = performance.now();
    const name = this.#name;
    const log = this.#log.sink;
    const onSecrets = (values: readonly string[]) => this.#log.mask.add(values);
    const startWorker = workerHome(workerEntry);
    try {
      const services = alone.fleet.services.map(({ id }) => id);
      const { succession, renews = false } = this.#options;
      const about = { version: VERSION, config: file, renews };
      const part = alone.fleet.launcher.name;
      const seat = new Seat({ file, part, services, about, succession, logger: this.logger });
      this.seat = seat;
      this.#atEnd.push(() => seat.lock.release());
      const standing = () => this.#launcher?.standing ?? { status: Status.STARTUP, message: "Launcher starting" };
      this.#atEnd.push(await offerLife(name.monitorName, this.logger, standing));
      this.#log.openFiles();
      await this.#units.home.open();
      const broker = new FleetBroker(alone.fleet, this.logger);
      // A successor uses it, as long as this process stands in for the fleet.
      this.#atEnd.push(() => (this.#isHandedOver ? undefined : broker.stop()));
      const guard = new GroupGuard(runMark());
      this.#guard = guard;
      guard.start();
      let schemas: readonly ServiceSchema[] = [];
      const onSchemas = (found: readonly ServiceSchema[]) => {
        schemas = found;
        this.#remote?.publish(schemas);
      };
      const check = ({ fleet: read, env }: FleetReading) => {
        this.#log.mask.addFleet(read);
        this.#log.mask.addEnv(env);
        return checkFleet(read, startWorker, { onSecrets, env, onSchemas });
      };
      const [warnings, nats] = await bothOrNeither(check(alone), broker.find());
      for (const { id, message } of warnings) this.logger.warning(`${id}: ${message}`);
      broker.tell(nats);
      if (this.#ending) return;
      const messenger = makeMessenger(nats, name.monitorName, {
        logger: this.logger,
        // Before anything is sent that has waited: what another launcher has taken meanwhile, that one speaks for.
        onPrepared: async () => await this.#ownership?.verify(),
      });
      this.#messenger = messenger;
      const opened = openMessenger(messenger, {
        logger: this.logger,
        required: nats.required,
        isEnding: () => this.#ending !== undefined,
        onLost: () => broker.connectionLost(),
      });
      this.#ownership = await Ownership.open({
        link: messenger,
        servers: nats.servers,
        subjectPrefix,
        launcher: name.monitorName,
        config: file,
        logger: this.logger,
        firstContact: opened,
        ...(alone.fleet.launcher.leaseMs === undefined ? {} : { leaseMs: alone.fleet.launcher.leaseMs }),
      });
      // Services do not wait for a broker they do not need.
      if (nats.required || succession) await opened;
      const remote = new RemoteConfig({
        messenger,
        fleet: alone.fleet,
        file,
        logger: this.logger,
        services: () => this.#launcher?.runners.map(({ row }) => row) ?? alone.fleet.services,
        reload: (request) => this.#reloads.reload(request),
      });
      this.#remote = remote;
      remote.publish(schemas);
      const start = { source, reading: alone, remote, firstContact: opened, check, logger: this.logger };
      const reading = await readWithRemote(start);
      const { fleet } = reading;
      if (this.#ending) return remote.close();
      const subjects = new Subjects(subjectPrefix);
      this.#log.publishBy(messenger, subjects);
      const sink = new MutedSink(maskReports(messenger, this.#log.mask), subjects);
      this.#units.speakBy(messenger, sink);
      const heirName = this.monitorName(1 - (succession?.turn ?? 0));
      seat.onHeirGone = (pid) => tellHeirGone(messenger, subjects, heirName, pid);
      const desired = new DesiredState(file, this.logger);
      const scheduler = new Scheduler();
      const rpc = new RpcServer({ messenger, subjects, logger: this.logger, mask: this.#log.mask });
      this.#launcher = new ServicesLauncher({
        fleet,
        name,
        sink,
        scheduler,
        log,
        lastLines: (id) => this.#units.lastLines(id),
        onSecrets,
        heldBy: (id) => desired.heldBy(id),
        ...(this.#options.once ? { once: true } : {}),
        ownership: this.#ownership,
        ...(this.#options.takeover ? { takeover: true } : {}),
        isHeir: (pid) => seat.isHeir(pid),
        inherit: (ids) => inheritStops(messenger.connection, subjectPrefix, name.monitorName, ids, desired),
        onStatus: ({ status, message = "" }) => manager?.status(this.#log.mask.mask(`${status}: ${message}`)),
        onProgress: () => manager?.progress(),
        onOurs: (runner) => {
          sink.unmute(runner.id);
          this.#hearsay?.watch(runner.id);
          this.#control?.attach(runner);
        },
        onGone: (runner, how) => {
          this.#control?.detach(runner);
          this.#hearsay?.unwatch(runner.id);
          if (how === "released") return;
          sink.mute(runner.id);
          messenger.discard((subject) => sink.isMuted(subject));
        },
        nats,
        homes: allHomes({
          ...{ modules, scheduler, sink, log, rpc, guard, messenger, nats, worker: startWorker },
          systemd: this.#units.home.start,
        }),
      });
      const launcher = this.#launcher;
      this.#hearsay = new Hearsay({
        messenger,
        subjects,
        launcher: name.monitorName,
        logger: this.logger,
        correct: (id) => {
          if (this.#ownership?.mayStart(id).ok) launcher.get(id)?.repeat();
        },
      });
      const reloader = new Reloader({
        source,
        reading,
        launcher,
        lock: seat.lock,
        check,
        onAdopt: (now, before) => {
          remote.use();
          adoptEnv(now.env, before.env);
        },
      });
      const lastLines = (id: string, count: number) => this.#units.lastLines(id, count);
      const control = new LauncherControl({
        remoteValues: (row) => remote.inUseFor(row),
        runners: launcher.runners,
        fleet: () => reloader.fleet,
        file,
        name,
        desired,
        rpc,
        possession: launcher.possession,
        logger: this.logger,
        lastLines,
        reload: (call) => this.#reloads.answer(call),
        onDone: () => launcher.refresh(),
      });
      this.#control = control;
      launcher.onMember = (runner, change) => {
        if (change === "added") control.add(runner);
        else control.remove(runner);
        this.#units.onMember(runner, change);
        this.#dev?.follow();
      };
      this.#reloads.open(reloader);
      if (!this.#options.once) remote.open();
      control.open();
      const { metrics } = fleet;
      if (metrics)
        await seat.whenAlone(async () => {
          this.#atEnd.push(await offerMetrics(metrics, { messenger, fleet, name, logger: this.logger }));
        });
      if (this.#options.dev) {
        const common = { file, launcher, reloader, reloads: this.#reloads, startWorker, onSecrets };
        this.#dev = startDevMode({ ...common, logger: this.logger, apart: reading.apart });
      }
      if (succession) await takeOver(succession, { messenger, subjects, launcher, ownership: this.#ownership });
      else await launcher.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (this.#ending) return;
    const { once = false } = this.#options;
    this.logger.info(startedWords(this.#launcher?.runners ?? [], once, performance.now() - startedAt));
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
    return this.#launcher?.idle ?? Promise.resolve();
  }

  /** Ids of the services whose latest life did not end well. */
  get failed(): string[] {
    return (this.#launcher?.runners ?? []).filter(({ hasFailed }) => hasFailed).map(({ id }) => id);
  }

  /** Stops the services, then what they need. Idempotent. */
  stop(): Promise<void> {
    this.#ending ??= (async () => {
      this.#reloads.close();
      this.#remote?.close();
      this.#control?.close();
      this.#hearsay?.close();
      const devEnds = this.#dev?.close();
      if (!this.#killed) this.#units.leaveIfWanted();
      await this.#launcher?.stop();
      await devEnds;
      await this.#units.close();
      const mark = runMark();
      if (mark) endMarked(mark);
      this.#guard?.dismiss();
      await this.#log.endPublishing();
      // Whoever takes the services over must find the last word about them.
      await this.#messenger?.flush(LAST_REPORTS_MS);
      await this.#ownership?.close();
      await this.#messenger?.close({ limitMs: LAST_REPORTS_MS });
      for (const end of this.#atEnd.toReversed()) await end();
      await this.#log.stop();
    })();
    return this.#ending;
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
    if (this.#killed) return;
    this.#killed = true;
    this.#launcher?.kill();
  }

  #nameAt(turn: number): LauncherName {
    const { source, reading } = this.#options;
    const { home, name } = reading.fleet.launcher;
    return launcherName(source.path, home, name, undefined, turn);
  }
}
