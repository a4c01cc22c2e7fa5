// A run of a fleet on this host: broker, messenger, check and launcher, started and ended in the right order.
import { join } from "node:path";
import { BrokerKeeper } from "../broker/index.ts";
import { Logger } from "../common/logger.ts";
import { runMark } from "../common/run-mark.ts";
import { Scheduler } from "../common/scheduler.ts";
import { adoptEnv } from "../config/fleet-source.ts";
import type { NatsSettings } from "../config/types.ts";
import { offerLife } from "../host/offer-life.ts";
import type { ProcessContext } from "../host/service-host.ts";
import { FleetLog, logsFolder, maskReports } from "../logs/index.ts";
import { type Messenger, RpcServer, Subjects } from "../messaging/index.ts";
import { Status } from "../monitoring/index.ts";
import { bothOrNeither } from "./both-or-neither.ts";
import { LauncherControl } from "./control/index.ts";
import { DesiredState } from "./desired-state.ts";
import { type DevMode, startDevMode } from "./dev/index.ts";
import { checkFleet } from "./fleet-check.ts";
import type { FleetRunOptions } from "./fleet-run-options.ts";
import { GroupGuard } from "./group-guard.ts";
import { Hearsay } from "./hearsay.ts";
import { execHome } from "./homes/exec.ts";
import { inlineHome } from "./homes/inline.ts";
import { processHome } from "./homes/process.ts";
import { brokerAddress } from "./homes/program.ts";
import { workerHome } from "./homes/worker.ts";
import { inheritStops } from "./inherited-stop.ts";
import { type LauncherName, launcherName } from "./launcher-id.ts";
import { lockLauncher } from "./lock.ts";
import { endMarked } from "./marked.ts";
import { MutedSink } from "./muted-sink.ts";
import { offerMetrics } from "./offer-metrics.ts";
import { makeMessenger, openMessenger } from "./open-messenger.ts";
import { Ownership } from "./ownership/index.ts";
import { Reloader, type ReloadOutcome, type ReloadRequest, Reloads } from "./reload/index.ts";
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
  #brokerOrigin: string | undefined;
  readonly #reloads: Reloads;
  #onConnectionLost: () => void = () => undefined;

  constructor(options: FleetRunOptions) {
    this.#options = options;
    const { log } = options;
    const { fleet } = options.reading;
    this.#name = launcherName(options.source.path, fleet.launcher.home, fleet.launcher.name);
    const { id, monitorName } = this.#name;
    this.#log = new FleetLog({ print: log, folder: join(logsFolder(), id), ownId: monitorName, limits: fleet.logs });
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
    const { source, reading, modules, workerEntry, manager } = this.#options;
    const { fleet } = reading;
    const file = source.path;
    const startedAt = performance.now();
    const name = this.#name;
    const log = this.#log.sink;
    const onSecrets = (values: readonly string[]) => this.#log.mask.add(values);
    const startWorker = workerHome(workerEntry);
    try {
      const services = fleet.services.map(({ id }) => id);
      const lock = lockLauncher({ file, part: fleet.launcher.name, services });
      this.#atEnd.push(() => lock.release());
      const standing = () => this.#launcher?.standing ?? { status: Status.STARTUP, message: "Launcher starting" };
      this.#atEnd.push(await offerLife(name.monitorName, this.logger, standing));
      this.#log.openFiles();
      await this.#units.home.open();
      const mark = runMark();
      const guard = new GroupGuard(mark);
      this.#guard = guard;
      guard.start();
      const [warnings, nats] = await bothOrNeither(checkFleet(fleet, startWorker, { onSecrets }), this.#findBroker());
      for (const { id, message } of warnings) this.logger.warning(`${id}: ${message}`);
      this.logger.info(`broker ${nats.servers.join(", ")} (${this.#brokerOrigin ?? `from ${nats.origin}`})`);
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
        onLost: () => this.#onConnectionLost(),
      });
      this.#ownership = await Ownership.open({
        link: messenger,
        servers: nats.servers,
        subjectPrefix: fleet.subjectPrefix,
        launcher: name.monitorName,
        config: file,
        logger: this.logger,
        firstContact: opened,
        ...(fleet.launcher.leaseMs === undefined ? {} : { leaseMs: fleet.launcher.leaseMs }),
      });
      // Services do not wait for a broker they do not need.
      if (nats.required) await opened;
      if (this.#ending) return;
      const subjects = new Subjects(fleet.subjectPrefix);
      this.#log.publishBy(messenger, subjects);
      const sink = new MutedSink(maskReports(messenger, this.#log.mask), subjects);
      this.#units.speakBy(messenger, sink);
      const desired = new DesiredState(file, this.logger);
      const scheduler = new Scheduler();
      const rpc = new RpcServer({ messenger, subjects, logger: this.logger, mask: this.#log.mask });
      const serve: ProcessContext["serve"] = (id, prefix, handler) =>
        rpc.serve(id, handler, { subjects: new Subjects(prefix) });
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
        inherit: (ids) => inheritStops(messenger.connection, fleet.subjectPrefix, name.monitorName, ids, desired),
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
        homes: {
          inline: inlineHome({ modules, scheduler, sink, log, serve, env: process.env }),
          worker: startWorker,
          process: processHome(guard),
          systemd: this.#units.home.start,
          exec: execHome({ guard, scheduler, ear: messenger, broker: brokerAddress(nats) }),
        },
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
        lock,
        check: ({ fleet: read, env }) => {
          this.#log.mask.addFleet(read);
          this.#log.mask.addEnv(env);
          return checkFleet(read, startWorker, { onSecrets, env });
        },
        onAdopt: (now, before) => adoptEnv(now.env, before.env),
      });
      const lastLines = (id: string, count: number) => this.#units.lastLines(id, count);
      const control = new LauncherControl({
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
      control.open();
      if (fleet.metrics)
        this.#atEnd.push(await offerMetrics(fleet.metrics, { messenger, fleet, name, logger: this.logger }));
      if (this.#options.dev) {
        const common = { file, launcher, reloader, reloads: this.#reloads, startWorker, onSecrets };
        this.#dev = startDevMode({ ...common, logger: this.logger, apart: reading.apart });
      }
      await launcher.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (!this.#ending) this.#sayStarted(performance.now() - startedAt);
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
    return (this.#launcher?.runners ?? [])
      .filter(({ lastExit }) => lastExit && lastExit.code !== 0)
      .map(({ id }) => id);
  }

  /** Stops the services, then what they need. Idempotent. */
  stop(): Promise<void> {
    this.#ending ??= (async () => {
      this.#reloads.close();
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

  /** Ends the services at once; `stop()` then resolves soon. */
  kill(): void {
    if (this.#killed) return;
    this.#killed = true;
    this.#launcher?.kill();
  }

  async #findBroker(): Promise<NatsSettings> {
    const { nats, subjectPrefix } = this.#options.reading.fleet;
    if (nats) return nats;
    const keeper = new BrokerKeeper({ logger: this.logger, subjectPrefix });
    this.#atEnd.push(() => keeper.stop());
    const { settings, startedHere } = await keeper.ensure();
    this.#brokerOrigin = startedHere ? "started here" : "found running";
    this.#onConnectionLost = () => keeper.connectionLost();
    return settings;
  }

  #sayStarted(durationMs: number): void {
    const { once = false } = this.#options;
    this.logger.info(startedWords(this.#launcher?.runners ?? [], once, durationMs));
  }
}
