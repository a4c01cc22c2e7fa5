// A run of a fleet on this host: broker, messenger, check and launcher, started and ended in the right order.
import { join } from "node:path";
import { Logger } from "../common/logger.ts";
import { runMark } from "../common/run-mark.ts";
import { Scheduler } from "../common/scheduler.ts";
import { adoptEnv, type FleetReading } from "../config/fleet-source.ts";
import { offerLife } from "../host/offer-life.ts";
import type { ProcessContext } from "../host/service-host.ts";
import { FleetLog, logsFolder, maskReports } from "../logs/index.ts";
import { type Messenger, RpcServer, Subjects } from "../messaging/index.ts";
import { Status } from "../monitoring/index.ts";
import { bothOrNeither } from "./both-or-neither.ts";
import { LauncherControl } from "./control/index.ts";
import { DesiredState } from "./desired-state.ts";
import { type DevMode, startDevMode } from "./dev/index.ts";
import { findBroker } from "./find-broker.ts";
import { checkFleet } from "./fleet-check.ts";
import type { FleetRunOptions } from "./fleet-run-options.ts";
import { GroupGuard } from "./group-guard.ts";
import { Hearsay } from "./hearsay.ts";
import { allHomes } from "./homes/all-homes.ts";
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
import { RemoteConfig, readWithRemote } from "./remote/index.ts";
import type { ServiceSchema } from "./service-schemas.ts";
import { ServicesLauncher } from "./services-launcher.ts";
import { startedWords } from "./summary.ts";

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
  readonly #reloads: Reloads;
  #remote: RemoteConfig | undefined;

  constructor(options: FleetRunOptions) {
    this.#options = options;
    const { log } = options;
    const { fleet } = options.reading;
    this.#name = launcherName(options.source.path, fleet.launcher.home, fleet.launcher.name);
    const { id, monitorName } = this.#name;
    this.#log = new FleetLog({ print: log, folder: join(logsFolder(), id), ownId: monitorName, limits: fleet.logs });
    this.#log.mask.addFleet(fleet);
    this.logger = new Logger("tcs", this.#log.sink);
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
    const { source, reading: alone, modules, workerEntry } = this.#options;
    const { subjectPrefix } = alone.fleet;
    const file = source.path;
    const startedAt = performance.now();
    const name = this.#name;
    const log = this.#log.sink;
    const onSecrets = (values: readonly string[]) => this.#log.mask.add(values);
    const startWorker = workerHome(workerEntry);
    try {
      const services = alone.fleet.services.map(({ id }) => id);
      const lock = lockLauncher({ file, part: alone.fleet.launcher.name, services });
      this.#atEnd.push(() => lock.release());
      const standing = () => this.#launcher?.standing ?? { status: Status.STARTUP, message: "Launcher starting" };
      this.#atEnd.push(await offerLife(name.monitorName, this.logger, standing));
      this.#log.openFiles();
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
      const [warnings, found] = await bothOrNeither(check(alone), findBroker(alone.fleet, this.logger, this.#atEnd));
      const { nats, from, onLost } = found;
      for (const { id, message } of warnings) this.logger.warning(`${id}: ${message}`);
      this.logger.info(`broker ${nats.servers.join(", ")} (${from})`);
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
        onLost,
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
      if (nats.required) await opened;
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
        lastLines: (id) => this.#log.last(id),
        onSecrets,
        heldBy: (id) => desired.heldBy(id),
        ...(this.#options.once ? { once: true } : {}),
        ownership: this.#ownership,
        ...(this.#options.takeover ? { takeover: true } : {}),
        inherit: (ids) => inheritStops(messenger.connection, subjectPrefix, name.monitorName, ids, desired),
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
        homes: allHomes({ modules, scheduler, sink, log, serve, guard, messenger, nats, startWorker }),
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
        check,
        onAdopt: (now, before) => {
          remote.use();
          adoptEnv(now.env, before.env);
        },
      });
      const lastLines = (id: string, count: number) => this.#log.last(id, count);
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
        this.#dev?.follow();
      };
      this.#reloads.open(reloader);
      if (!this.#options.once) remote.open();
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
    return (this.#launcher?.runners ?? [])
      .filter(({ lastExit }) => lastExit && lastExit.code !== 0)
      .map(({ id }) => id);
  }

  /** Stops the services, then what they need. Idempotent. */
  stop(): Promise<void> {
    this.#ending ??= (async () => {
      this.#reloads.close();
      this.#remote?.close();
      this.#control?.close();
      this.#hearsay?.close();
      const devEnds = this.#dev?.close();
      await this.#launcher?.stop();
      await devEnds;
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
}
