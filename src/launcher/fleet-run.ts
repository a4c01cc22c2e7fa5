// A run of a fleet on this host: broker, messenger, check and launcher, started and ended in the right order.
import { BrokerKeeper, ensureStreams } from "../broker/index.ts";
import { describeError } from "../common/errors.ts";
import { Logger, type LogSink } from "../common/logger.ts";
import { countOf } from "../common/plural.ts";
import { Scheduler } from "../common/scheduler.ts";
import type { FleetConfig, NatsSettings } from "../config/types.ts";
import { type HostModules, ServiceLoader } from "../host/loader.ts";
import { Messenger } from "../messaging/index.ts";
import { checkFleet } from "./fleet-check.ts";
import { inlineHome } from "./homes/inline.ts";
import { processHome } from "./homes/process.ts";
import { workerHome } from "./homes/worker.ts";
import { launcherName } from "./launcher-id.ts";
import { lockLauncher } from "./lock.ts";
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
}

/** How long the last reports may take to reach the broker, milliseconds. */
const LAST_REPORTS_MS = 2000;

export class FleetRun {
  readonly #options: FleetRunOptions;
  readonly #logger: Logger;
  readonly #atEnd: (() => Promise<void> | void)[] = [];
  #launcher: ServicesLauncher | undefined;
  #messenger: Messenger | undefined;
  #ending: Promise<void> | undefined;
  #killed = false;
  #brokerOrigin: string | undefined;
  #onConnectionLost: () => void = () => undefined;

  constructor(options: FleetRunOptions) {
    this.#options = options;
    this.#logger = new Logger("tcs", options.log);
  }

  /**
   * Checks everything, then starts everything. Resolves when each service runs or has ended.
   * @throws ConfigError, AlreadyRunningError, BrokerStartError, StateFolderError, with nothing left running
   */
  async start(): Promise<void> {
    const { fleet, file, modules, workerEntry, log } = this.#options;
    const startedAt = performance.now();
    const name = launcherName(file, fleet.launcher.home, fleet.launcher.name);
    const startWorker = workerHome(workerEntry);
    try {
      const services = fleet.services.map(({ id }) => id);
      this.#atEnd.push(lockLauncher({ file, part: fleet.launcher.name, services }));
      const [warnings, nats] = await bothOrNeither(checkFleet(fleet, startWorker), this.#findBroker());
      for (const warning of warnings) this.#logger.warning(warning);
      this.#logger.info(`broker ${nats.servers.join(", ")} (${this.#brokerOrigin ?? `from ${nats.origin}`})`);
      if (this.#ending) return;
      const messenger = await this.#openMessenger(nats, name.monitorName);
      if (this.#ending) return;
      const scheduler = new Scheduler();
      const loader = new ServiceLoader(modules);
      this.#launcher = new ServicesLauncher({
        fleet,
        name,
        sink: messenger,
        scheduler,
        log,
        ...(this.#options.once ? { once: true } : {}),
        homes: {
          inline: inlineHome({ loader, scheduler, sink: messenger, log, env: process.env }),
          worker: startWorker,
          process: processHome(),
        },
      });
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
      await this.#launcher?.stop();
      await this.#messenger?.close({ limitMs: LAST_REPORTS_MS });
      for (const end of this.#atEnd.toReversed()) await end();
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
    const keeper = new BrokerKeeper({ logger: this.#logger, subjectPrefix });
    this.#atEnd.push(() => keeper.stop());
    const { settings, startedHere } = await keeper.ensure();
    this.#brokerOrigin = startedHere ? "started here" : "found running";
    this.#onConnectionLost = () => keeper.connectionLost();
    return settings;
  }

  async #openMessenger(settings: NatsSettings, name: string): Promise<Messenger> {
    const messenger = new Messenger({
      settings,
      name,
      logger: this.#logger,
      prepare: async (connection) => {
        const { notes } = await ensureStreams(connection, settings.subjectPrefix);
        for (const note of notes) this.#logger.warning(note);
      },
    });
    this.#messenger = messenger;
    let away = false;
    messenger.onStateChange((state) => {
      if (state === "disconnected") {
        away = true;
        if (!this.#ending) this.#logger.warning("connection to the broker lost; reports are kept until it is back");
        this.#onConnectionLost();
      } else if (state === "connected" && away) {
        away = false;
        this.#logger.info("connected to the broker");
      }
    });
    const opened = messenger.open({
      onWaiting: () => {
        away = true;
      },
    });
    if (settings.required) {
      await opened;
    } else {
      // Services do not wait for a broker they do not need.
      opened.then(
        () => {
          if (messenger.state === "connected") return;
          away = true;
          this.#logger.warning(`${messenger.unreachable().message}; services run, reports are kept until it comes`);
          this.#onConnectionLost();
        },
        (error: unknown) => this.#logger.error(`messenger: ${describeError(error)}`),
      );
    }
    return messenger;
  }

  #sayStarted(durationMs: number): void {
    const runners = this.#launcher?.runners ?? [];
    const running = runners.filter((runner) => runner.state === "running").length;
    const scheduled = runners.filter((runner) => runner.row.timetable).length;
    const more = scheduled > 0 && !this.#options.once ? `, ${scheduled} on schedule` : "";
    const seconds = (durationMs / 1000).toFixed(2);
    this.#logger.info(
      `${running} of ${countOf(runners.length, "service")} running${more} after ${seconds} s; "tcs status" shows them`,
    );
  }
}

/** The results of both; if one fails, the other is waited for before the error goes on. */
async function bothOrNeither<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}
