// The life of a host that was started by a launcher: obeys its channel until told to end, or until the channel is gone.
import { describeError } from "../common/errors.ts";
import { Scheduler } from "../common/scheduler.ts";
import { type HostModules, ServiceLoader } from "./loader.ts";
import { LogChannel } from "./log-channel.ts";
import type { Channel, FromHost, HostSettings, ToHost } from "./protocol.ts";
import { ServiceHost } from "./service-host.ts";

export interface ServedHost {
  /** Stops the services and ends the host: when the launcher is gone, or a signal says so. */
  shutdown(): Promise<void>;
}

/**
 * Serves a launcher over `channel`. Reports of the services go through it too: the launcher has the connection to the
 * broker, and the buffer for when the broker is away.
 * @param end ends the thread or process
 */
export function serveHost(channel: Channel<FromHost, ToHost>, modules: HostModules, end: () => void): ServedHost {
  let host: ServiceHost | undefined;
  let ending: Promise<void> | undefined;

  const lines = new LogChannel((message) => channel.send(message));
  const { log } = lines;
  const tell = (message: FromHost) => {
    lines.flush();
    channel.send(message);
  };
  // `process.exit` in the middle of much talk: its last lines are what tells why.
  process.on("exit", () => lines.flush());

  const shutdown = () => {
    ending ??= (async () => {
      await host?.stopAll();
      end();
    })();
    return ending;
  };

  const loader = new ServiceLoader(modules);
  const open = ({ shared, nats }: HostSettings) =>
    new ServiceHost(
      {
        loader,
        scheduler: new Scheduler(),
        sink: {
          event: (subject, data) => tell({ kind: "event", subject, data }),
          beat: (subject, data) => tell({ kind: "beat", subject, data }),
        },
        log,
        env: process.env,
        // After the exit of its last service a host waits to be told to end: so all it said has arrived.
        tell,
        ...(nats ? { nats } : {}),
      },
      { shared },
    );

  const handle = async (message: ToHost): Promise<void> => {
    switch (message.kind) {
      case "settings":
        host = open(message.settings);
        tell({ kind: "up", pid: process.pid });
        return;
      case "start":
        host?.start(message.spec);
        return;
      case "check":
        await host?.check(message.specs, message.describe);
        return;
      case "describe": {
        // Hosts that run services do without it.
        const { describeModule } = await import("./describe.ts");
        const results = await Promise.all(message.modules.map((one) => describeModule(loader, one)));
        tell({ kind: "described", results });
        return;
      }
      case "stop":
        host?.stop(message.id);
        return;
      case "rpc":
        await host?.answer(message);
        return;
      case "configure":
        await host?.configure(message);
        return;
      case "remark":
        host?.remark(message);
        return;
      case "heard":
        lines.heard(message.size);
        return;
      case "shutdown":
        void shutdown();
        return;
      default:
        message satisfies never;
    }
  };
  channel.onMessage((message) => {
    handle(message).catch((error: unknown) =>
      log({ time: Date.now(), level: "error", source: "tcs", message: `host: ${describeError(error)}` }),
    );
  });
  return { shutdown };
}
