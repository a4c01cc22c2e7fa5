// A run of a fleet on this host: broker, messenger, check and launcher, started and ended in the right order.
import { join } from "node:path";
import { BrokerKeeper, ensureStreams } from "../broker/index.ts";
import { describeError } from "../common/errors.ts";
import { Logger, type LogSink } from "../common/logger.ts";
import { countOf } from "../common/plural.ts";
import { runMark } from "../common/run-mark.ts";
import { Scheduler } from "../common/scheduler.ts";
import type { FleetConfig, NatsSettings } from "../config/types.ts";
import { type HostModules, ServiceLoader } from "../host/loader.ts";
import { FleetLog, logsFolder, maskReports } from "../logs/index.ts";
import { Messenger, RpcServer, Subjects } from "../messaging/index.ts";
import { LauncherControl } from "./control/index.ts";
import { DesiredState } from "./desired-state.ts";
import { checkFleet } from "./fleet-check.ts";
import { GroupGuard } from "./group-guard.ts";
import { Hearsay } from "./hearsay.ts";
import { execHome } from "./homes/exec.ts";
import { inlineHome } from "./homes/inline.ts";
import { processHome } from "./homes/process.ts";
import { brokerAddress } from "./homes/program.ts";
import { workerHome } from "./homes/worker.ts";
import { readInheritedStops } from "./inherited-stop.ts";
import { type LauncherName, launcherName } from "./launcher-id.ts";
import { lockLauncher } from "./lock.ts";
import { endMarked } from "./marked.ts";
import { MutedSink } from "./muted-sink.ts";
import { Ownership } from "./ownership/index.ts";
import { ServicesLauncher } from "./services-launcher.ts";

export interface FleetRunOptions {
  fleet: FleetConfig;
  /** Absolute path of the configuration file: it names the launcher. */
  file: string;
  modules: HostModules;
  /** URL of the Worker entry. */
  workerEntry: string;
  log: LogSink;
  /** Run everything once: periodic services at once, and then no more. */
  once?: boolean;
  /** Take services over from the launchers that have them. */
  takeover?: boolean;
}

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
  #killed = false;
  #brokerOrigin: string | undefined;
  #onConnectionLost: () => void = () => undefined;

  constructor(options: FleetRunOptions) {
    this.#options = options;
    const { fleet, file, log } = options;
    this.#name = launcherName(file, fleet.launcher.home, fleet.launcher.name);
    const { id, monitorName } = this.#name;
    this.#log = new FleetLog({ print: log, folder: join(logsFolder(), id), ownId: monitorName, limits: fleet.logs });
    this.#log.mask.addFleet(fleet);
    this.logger = new Logger("tcs", this.#log.sink);
  }

  /**
   * Checks everything, then starts everything. Resolves when each service runs or has ended.
   * @throws ConfigError, AlreadyRunningError, BrokerStartError, StateFolderError, with nothing left running
   */
  async start(): Promise<void> {
    const { fleet, file, modules, workerEntry } = this.#options;
    const startedAt = performance.now();
    const name = this.#name;
    const log = this.#log.sink;
    const onSecrets = (values: readonly string[]) => this.#log.mask.add(values);
    const startWorker = workerHome(workerEntry);
    try {
      const services = fleet.services.map(({ id }) => id);
      this.#atEnd.push(lockLauncher({ file, part: fleet.launcher.name, services }));
      this.#log.openFiles();
      const mark = runMark();
      const guard = new GroupGuard(mark);
      this.#guard = guard;
      guard.start();
      const [warnings, nats] = await bothOrNeither(checkFleet(fleet, startWorker, { onSecrets }), this.#findBroker());
      for (const warning of warnings) this.logger.warning(warning);
      this.logger.info(`broker ${nats.servers.join(", ")} (${this.#brokerOrigin ?? `from ${nats.origin}`})`);
      if (this.#ending) return;
      const messenger = this.#makeMessenger(nats, name.monitorName);
      const opened = this.#openMessenger(messenger, nats);
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
      const desired = new DesiredState(file, this.logger);
      const scheduler = new Scheduler();
      const loader = new ServiceLoader(modules);
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
        inherit: (ids) => this.#inherit(desired, ids),
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
          inline: inlineHome({ loader, scheduler, sink, log, env: process.env }),
          worker: startWorker,
          process: processHome(guard),
          exec: execHome({ guard, scheduler, ear: messenger, broker: brokerAddress(nats.servers) }),
        },
      });
      const rpc = new RpcServer({ messenger, subjects, logger: this.logger });
      const { runners } = this.#launcher;
      this.#hearsay = new Hearsay({
        messenger,
        subjects,
        launcher: name.monitorName,
        logger: this.logger,
        correct: (id) => {
          if (this.#ownership?.mayStart(id).ok) runners.find((runner) => runner.id === id)?.repeat();
        },
      });
      const lastLines = (id: string, count: number) => this.#log.last(id, count);
      this.#control = new LauncherControl({
        runners,
        fleet,
        file,
        name,
        desired,
        rpc,
        possession: this.#launcher.possession,
        logger: this.logger,
        lastLines,
        onDone: () => this.#launcher?.refresh(),
      });
      this.#control.open();
      await this.#launcher.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (!this.#ending) this.#sayStarted(performance.now() - startedAt);
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
      this.#control?.close();
      this.#hearsay?.close();
      await this.#launcher?.stop();
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
    const { nats, subjectPrefix } = this.#options.fleet;
    if (nats) return nats;
    const keeper = new BrokerKeeper({ logger: this.logger, subjectPrefix });
    this.#atEnd.push(() => keeper.stop());
    const { settings, startedHere } = await keeper.ensure();
    this.#brokerOrigin = startedHere ? "started here" : "found running";
    this.#onConnectionLost = () => keeper.connectionLost();
    return settings;
  }

  /** Takes over what operators wanted of services while another launcher had them. */
  async #inherit(desired: DesiredState, ids: readonly string[]): Promise<void> {
    const connection = this.#messenger?.connection;
    if (!connection) return;
    const { subjectPrefix } = this.#options.fleet;
    const stops = await readInheritedStops(connection, subjectPrefix, this.#name.monitorName, ids);
    for (const [id, held] of stops) {
      if (held) desired.hold(id, held);
      else desired.release(id);
    }
  }

  #makeMessenger(settings: NatsSettings, name: string): Messenger {
    const messenger = new Messenger({
      settings,
      name,
      logger: this.logger,
      prepare: async (connection) => {
        const { notes } = await ensureStreams(connection, settings.subjectPrefix);
        for (const note of notes) this.logger.warning(note);
        // Before anything is sent that has waited: what another launcher has taken meanwhile, that one speaks for.
        await this.#ownership?.verify();
      },
    });
    this.#messenger = messenger;
    return messenger;
  }

  /** Resolves when the first attempt to connect is over; when the broker is required, only once it is there. */
  async #openMessenger(messenger: Messenger, settings: NatsSettings): Promise<void> {
    let away = false;
    messenger.onStateChange((state) => {
      if (state === "disconnected") {
        away = true;
        if (!this.#ending) this.logger.warning("connection to the broker lost; reports are kept until it is back");
        this.#onConnectionLost();
      } else if (state === "connected" && away) {
        away = false;
        this.logger.info("connected to the broker");
      }
    });
    const onWaiting = () => {
      away = true;
    };
    if (settings.required) {
      await messenger.open({ onWaiting });
      return;
    }
    try {
      await messenger.open({ onWaiting });
      if (messenger.state === "connected") return;
      away = true;
      this.logger.warning(`${messenger.unreachable().message}; services run, reports are kept until it comes`);
      this.#onConnectionLost();
    } catch (error) {
      this.logger.error(`messenger: ${describeError(error)}`);
    }
  }

  #sayStarted(durationMs: number): void {
    const runners = this.#launcher?.runners ?? [];
    const ours = runners.filter((runner) => !runner.elsewhere);
    const running = ours.filter((runner) => runner.state === "running").length;
    const scheduled = ours.filter((runner) => runner.row.timetable).length;
    const more = scheduled > 0 && !this.#options.once ? `, ${scheduled} on schedule` : "";
    const others = runners.length > ours.length ? `, ${runners.length - ours.length} not ours` : "";
    const seconds = (durationMs / 1000).toFixed(2);
    this.logger.info(
      `${running} of ${countOf(ours.length, "service")} running${more}${others} after ${seconds} s; "tcs status" shows them`,
    );
  }
}

/** The results of both; if one fails, the other is waited for before the error goes on. */
async function bothOrNeither<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}
