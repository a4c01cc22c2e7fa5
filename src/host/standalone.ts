// One service run by hand, in this very process: no launcher, no registry events, no parent.
import { constants, hostname } from "node:os";
import { locateBroker } from "../broker/locate.ts";
import { ensureStreams } from "../broker/streams.ts";
import { Logger, type LogSink } from "../common/logger.ts";
import { Scheduler } from "../common/scheduler.ts";
import { onFirstSignal } from "../common/signals.ts";
import { ConfigError, toConfigIssues } from "../config/index.ts";
import type { FleetConfig, ModuleRef, ServiceRow } from "../config/types.ts";
import { FleetLog, maskReports, takeHandFolder } from "../logs/index.ts";
import { Messenger, RpcServer, Subjects } from "../messaging/index.ts";
import { Status } from "../monitoring/status.ts";
import type { ServiceExit } from "../service/index.ts";
import { openServiceManager } from "../systemd/index.ts";
import type { LoadedService, ServiceSource } from "./loader.ts";
import { offerLife, type Standing } from "./offer-life.ts";
import { ServiceHost } from "./service-host.ts";
import { serviceSpec } from "./service-spec.ts";

export interface StandaloneOptions {
  row: ServiceRow;
  fleet: FleetConfig;
  loader: ServiceSource;
  log: LogSink;
  env: Record<string, string | undefined>;
}

/**
 * Runs the service to its end, or to a signal's. @returns the exit code of the process
 * @throws ConfigError when the values do not fit the service; then nothing was started
 */
export async function runStandalone({ row, fleet, loader, log: print, env }: StandaloneOptions): Promise<number> {
  using folder = takeHandFolder(row.id);
  const log = new FleetLog({ print, folder: folder.path, ownId: row.id, env, limits: fleet.logs });
  log.mask.addFleet(fleet);
  const logger = new Logger("tcs", log.sink);
  const manager = await openServiceManager(process.env, logger);
  const settings = locateBroker({ settings: fleet.nats, subjectPrefix: fleet.subjectPrefix, env });
  const messenger = new Messenger({
    settings,
    name: row.id,
    logger,
    prepare: async (connection) => {
      const { notes } = await ensureStreams(connection, fleet.subjectPrefix);
      for (const note of notes) logger.warning(note);
    },
  });
  let commands: readonly string[] = [];
  let standing: Standing = { status: Status.STARTUP };
  const { promise: ended, resolve } = Promise.withResolvers<ServiceExit>();
  const subjects = new Subjects(fleet.subjectPrefix);
  const rpc = new RpcServer({ messenger, subjects, logger, mask: log.mask });
  const host = new ServiceHost(
    {
      loader: new LoadedOnce(loader),
      scheduler: new Scheduler(),
      sink: maskReports(messenger, log.mask),
      log: log.sink,
      env,
      serve: (name, prefix, handler) => rpc.serve(name, handler, { subjects: new Subjects(prefix) }),
      tell: (message) => {
        if (message.kind === "exited") resolve(message.exit);
        else if (message.kind === "started") {
          commands = message.commands ?? [];
          manager.ready();
        } else if (message.kind === "status") {
          standing = message.report;
          const { status, message: words = "" } = message.report;
          manager.status(log.mask.mask(words === "" ? status : `${status}: ${words}`));
        } else if (message.kind === "secrets") log.mask.add(message.values);
      },
    },
    // No launcher would say what became of a service that ends the process: it ends as any other, and says so itself.
    { shared: false, guardExit: true },
  );
  const spec = serviceSpec(row, fleet);
  const [checked] = await host.check([spec]);
  if (checked?.issues) throw new ConfigError(toConfigIssues(row, checked.issues));

  const endLife = await offerLife(row.id, logger, () => standing);
  log.openFiles();
  log.publishBy(messenger, subjects);
  let wasConnected = false;
  messenger.onStateChange((state) => {
    wasConnected ||= state === "connected";
  });
  const opened = messenger.open();
  // A service that does not need the broker starts at once; its reports are buffered meanwhile.
  if (settings.required) await opened;
  else {
    void opened.then(() => {
      if (messenger.state === "connected") return;
      logger.warning(`${messenger.unreachable().message}; the service runs, its reports are kept until it comes`);
    });
  }

  host.start(spec);
  rpc.serve(row.id, ({ command, data }) => host.request(row.id, command, data));
  rpc.announce(row.id, {
    kind: row.type,
    description: `Service ${row.id}, run by hand`,
    metadata: () => ({
      service_id: row.id,
      type: row.type,
      variant: row.variant,
      host: hostname(),
      pid: String(process.pid),
    }),
    commands: () => ["health", "stats", ...commands],
  });
  let signalled: NodeJS.Signals | undefined;
  const stop = onFirstSignal((signal) => process.exit(128 + constants.signals[signal]));
  void stop.then((signal) => {
    signalled = signal;
    manager.stopping();
    host.stop(row.id);
  });
  const exit = await ended;
  rpc.close();
  await log.endPublishing();
  // Who never had a broker, and named none, was told at the start: it is no alarm at the end.
  const expectsBroker = wasConnected || fleet.nats !== undefined;
  await messenger.close({ limitMs: 2000, quiet: !expectsBroker });
  await log.stop();
  endLife();
  if (signalled !== undefined && exit.code === 0) return 128 + constants.signals[signalled];
  return exit.code < 0 ? 128 - exit.code : exit.code;
}

/** For one service only: the check and the start load its file together once, even if it fails. */
class LoadedOnce implements ServiceSource {
  readonly #source: ServiceSource;
  #found: Promise<LoadedService> | undefined;

  constructor(source: ServiceSource) {
    this.#source = source;
  }

  load(ref: ModuleRef, type: string): Promise<LoadedService> {
    this.#found ??= this.#source.load(ref, type);
    return this.#found;
  }
}
