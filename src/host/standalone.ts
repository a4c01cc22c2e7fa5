// One service alone in this process: by hand, or in a unit of systemd for a launcher. It has its own voice on NATS.
import { hostname } from "node:os";
import { locateBroker } from "../broker/locate.ts";
import { ensureStreams } from "../broker/streams.ts";
import { Logger, type LogSink } from "../common/logger.ts";
import { Scheduler } from "../common/scheduler.ts";
import { signalExitCode } from "../common/signal-codes.ts";
import { onFirstSignal } from "../common/signals.ts";
import { SYSTEMD_SUPERVISOR } from "../common/supervisor.ts";
import { VERSION } from "../common/version.ts";
import { ConfigError, toConfigIssues } from "../config/index.ts";
import type { FleetConfig, ModuleRef, ServiceRow } from "../config/types.ts";
import { FleetLog, type HandFolder, maskReports, takeHandFolder } from "../logs/index.ts";
import { Messenger, type ReportSink, RpcServer, Subjects } from "../messaging/index.ts";
import { Status } from "../monitoring/status.ts";
import type { ServiceExit } from "../service/index.ts";
import { openServiceManager } from "../systemd/index.ts";
import type { LoadedService, ServiceSource } from "./loader.ts";
import { offerLife, type Standing } from "./offer-life.ts";
import { ServiceHost } from "./service-host.ts";
import { serviceSpec } from "./service-spec.ts";

/** What a service has of a launcher that has systemd run it. It goes on without the launcher. */
export interface UnitSettings {
  /** Monitor name of the launcher. */
  parent: string;
  runnerId: string;
  /** Where its log is kept. */
  logFolder: string;
}

export interface StandaloneOptions {
  row: ServiceRow;
  fleet: FleetConfig;
  loader: ServiceSource;
  log: LogSink;
  env: Record<string, string | undefined>;
  /** Present when it is not run by hand. */
  unit?: UnitSettings;
}

/**
 * Runs the service to its end, or to a signal's. @returns the exit code of the process
 * @throws ConfigError when the values do not fit the service; then nothing was started
 */
export async function runStandalone(options: StandaloneOptions): Promise<number> {
  const { row, fleet, loader, log: print, env, unit } = options;
  using folder = unit ? unitFolder(unit) : takeHandFolder(row.id);
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
  const reports = maskReports(messenger, log.mask);
  const rpc = new RpcServer({ messenger, subjects, logger, mask: log.mask });
  const host = new ServiceHost(
    {
      loader: new LoadedOnce(loader),
      scheduler: new Scheduler(),
      sink: unit ? supervised(reports, subjects.status(row.id)) : reports,
      log: log.sink,
      env,
      nats: settings,
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
  const spec = serviceSpec(row, fleet, unit);
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
  rpc.serve(row.id, async ({ command, data }) => {
    const answer = await host.request(row.id, command, data);
    // No launcher would tell which version it runs.
    return command === "stats" ? { ...answer, version: VERSION, pid: process.pid } : answer;
  });
  rpc.announce(row.id, {
    kind: row.type,
    description: `Service ${row.id}, run ${unit ? "by systemd" : "by hand"}`,
    metadata: () => ({
      service_id: row.id,
      type: row.type,
      variant: row.variant,
      host: hostname(),
      pid: String(process.pid),
      ...(unit ? { launcher: unit.parent, runner_id: unit.runnerId } : {}),
    }),
    commands: () => ["health", "stats", ...commands],
  });
  let signalled: NodeJS.Signals | undefined;
  const stop = onFirstSignal((signal) => process.exit(signalExitCode(signal)));
  void stop.then((signal) => {
    signalled = signal;
    manager.stopping();
    host.stop(row.id);
  });
  const exit = await ended;
  // Whoever restarts it tells its launcher only that it has ended.
  if (unit && exit.error !== undefined) manager.status(log.mask.mask(`${Status.FAILED}: ${exit.error}`));
  rpc.close();
  await log.endPublishing();
  // Who never had a broker, and named none, was told at the start: it is no alarm at the end.
  const expectsBroker = wasConnected || fleet.nats !== undefined;
  await messenger.close({ limitMs: 2000, quiet: !expectsBroker });
  await log.stop();
  endLife();
  // Under systemd, who ends because he was asked to has ended well.
  if (signalled !== undefined && exit.code === 0 && !unit) return signalExitCode(signalled);
  return exit.code < 0 ? 128 - exit.code : exit.code;
}

/** Of a unit only one process lives at a time: nobody else writes the file of the service. */
function unitFolder({ logFolder }: UnitSettings): HandFolder {
  return { path: logFolder, [Symbol.dispose]: () => undefined };
}

/** Whoever finds the launcher gone must not take the service for gone with it. */
function supervised(sink: ReportSink, statusSubject: string): ReportSink {
  return {
    event: (subject, data) =>
      sink.event(subject, subject === statusSubject ? { ...data, supervisor: SYSTEMD_SUPERVISOR } : data),
    beat: (subject, data) => sink.beat(subject, data),
  };
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
