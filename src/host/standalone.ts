// One service run by hand, in this very process: no launcher, no registry events, no parent.
import { constants } from "node:os";
import { locateBroker } from "../broker/locate.ts";
import { ensureStreams } from "../broker/streams.ts";
import { Logger, type LogSink } from "../common/logger.ts";
import { Scheduler } from "../common/scheduler.ts";
import { onFirstSignal } from "../common/signals.ts";
import type { FleetConfig, ServiceRow } from "../config/types.ts";
import { Messenger } from "../messaging/index.ts";
import type { ServiceExit } from "../service/index.ts";
import type { ServiceSource } from "./loader.ts";
import { ServiceHost } from "./service-host.ts";
import { serviceSpec } from "./service-spec.ts";

export interface StandaloneOptions {
  row: ServiceRow;
  fleet: FleetConfig;
  loader: ServiceSource;
  log: LogSink;
  env: Record<string, string | undefined>;
}

/** Runs the service to its end, or to a signal's. @returns the exit code of the process */
export async function runStandalone({ row, fleet, loader, log, env }: StandaloneOptions): Promise<number> {
  const logger = new Logger("tcs", log);
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
  const opened = messenger.open();
  // A service that does not need the broker starts at once; its reports are buffered meanwhile.
  if (settings.required) await opened;
  else void opened.then(() => messenger.state === "connected" || logger.warning(messenger.unreachable().message));

  const { promise: ended, resolve } = Promise.withResolvers<ServiceExit>();
  const host = new ServiceHost(
    {
      loader,
      scheduler: new Scheduler(),
      sink: messenger,
      log,
      env,
      tell: (message) => {
        if (message.kind === "exited") resolve(message.exit);
      },
    },
    // No launcher would say what became of a service that ends the process: it ends as any other, and says so itself.
    { shared: false, guardExit: true },
  );
  host.start(serviceSpec(row, fleet));
  let signalled: NodeJS.Signals | undefined;
  const stop = onFirstSignal((signal) => process.exit(128 + constants.signals[signal]));
  void stop.then((signal) => {
    signalled = signal;
    host.stop(row.id);
  });
  const exit = await ended;
  await messenger.close({ limitMs: 2000 });
  if (signalled !== undefined && exit.code === 0) return 128 + constants.signals[signalled];
  return exit.code < 0 ? 128 - exit.code : exit.code;
}
