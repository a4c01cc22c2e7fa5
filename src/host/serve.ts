// The life of a host that was started by a launcher: obeys its channel until told to end, or until the channel is gone.
import { describeError } from "../common/errors.ts";
import { Scheduler } from "../common/scheduler.ts";
import type { Messenger } from "../messaging/index.ts";
import type { ReportSink } from "../messaging/report-sink.ts";
import { type HostModules, ServiceLoader } from "./loader.ts";
import type { Channel, FromHost, HostSettings, ToHost } from "./protocol.ts";
import { ServiceHost } from "./service-host.ts";

/** How long the last reports may take to reach the broker when a host ends, milliseconds. */
const LAST_REPORTS_MS = 1000;

export interface ServedHost {
  /** Stops the services and ends the host: when the launcher is gone, or a signal says so. */
  shutdown(): Promise<void>;
}

/**
 * Serves a launcher over `channel`.
 * @param end ends the thread or process with an exit code
 */
export function serveHost(
  channel: Channel<FromHost, ToHost>,
  modules: HostModules,
  end: (code: number) => void,
): ServedHost {
  let host: ServiceHost | undefined;
  let reporter: Messenger | undefined;
  let dedicated = false;
  let ending: Promise<void> | undefined;

  const tell = (message: FromHost) => {
    if (message.kind !== "exited" || !reporter) {
      channel.send(message);
      if (message.kind === "exited" && dedicated) void finish(message.exit.code);
      return;
    }
    // The launcher speaks for a service whose last words did not reach the broker.
    void reporter.flush(LAST_REPORTS_MS).then((flushed) => {
      channel.send({ ...message, exit: { ...message.exit, reported: message.exit.reported && flushed } });
      if (dedicated) void finish(message.exit.code);
    });
  };

  const finish = async (code: number) => {
    await reporter?.close({ limitMs: LAST_REPORTS_MS });
    end(code < 0 ? 1 : code);
  };

  const shutdown = () => {
    ending ??= (async () => {
      dedicated = false;
      await host?.stopAll();
      await finish(0);
    })();
    return ending;
  };

  const settle = async (settings: HostSettings) => {
    dedicated = !settings.shared;
    const scheduler = new Scheduler();
    const loader = new ServiceLoader(modules);
    if (settings.nats) {
      const { Messenger } = await import("../messaging/index.ts");
      // The connection is made beside the start of the service; what is reported meanwhile is buffered.
      reporter = new Messenger({ settings: { ...settings.nats, required: false }, name: "tcs-host" });
      void reporter.open();
    }
    const sink: ReportSink = reporter ?? channelSink(channel);
    const log = (record: Parameters<typeof logRecord>[0]) => channel.send(logRecord(record));
    host = new ServiceHost({ loader, scheduler, sink, log, tell, env: process.env }, { shared: settings.shared });
  };

  let ready = Promise.resolve();
  channel.onMessage((message) => {
    ready = ready
      .then(() => handle(message))
      .catch((error: unknown) => {
        channel.send(
          logRecord({ time: Date.now(), level: "error", source: "tcs", message: `host: ${describeError(error)}` }),
        );
      });
  });

  async function handle(message: ToHost): Promise<void> {
    switch (message.kind) {
      case "settings":
        await settle(message.settings);
        channel.send({ kind: "up", pid: process.pid });
        return;
      case "start":
        host?.start(message.spec);
        return;
      case "check":
        channel.send({ kind: "checked", results: (await host?.check(message.specs)) ?? [] });
        return;
      case "stop":
        host?.stop(message.id);
        return;
      case "shutdown":
        void shutdown();
        return;
      default:
        message satisfies never;
    }
  }

  return { shutdown };
}

function logRecord(record: Extract<FromHost, { kind: "log" }>["record"]): FromHost {
  return { kind: "log", record };
}

/** Reports of a host without a connection of its own go through the launcher's. */
function channelSink(channel: Channel<FromHost, ToHost>): ReportSink {
  return {
    event: (subject, data) => channel.send({ kind: "event", subject, data }),
    beat: (subject, data) => channel.send({ kind: "beat", subject, data }),
  };
}
