// tcs metrics: the fleet for Prometheus.
import { ExitCode } from "../../common/errors.ts";
import { stderrSink } from "../../common/log-line.ts";
import { Logger } from "../../common/logger.ts";
import { signalExitCode } from "../../common/signal-codes.ts";
import { onFirstSignal } from "../../common/signals.ts";
import { Messenger } from "../../messaging/index.ts";
import { StreamUnreadableError } from "../../messaging/stream-error.ts";
import { FleetReader, serveMetrics } from "../../metrics/index.ts";
import { brokerArgs, configArg, verboseArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { findBroker, withFleet } from "../fleet-access.ts";
import { parsePort } from "../numbers.ts";

const DEFAULT_PORT = 9464;

export default defineCommand({
  meta: { name: "metrics", description: "Serve the fleet's metrics for Prometheus, until Ctrl-C" },
  examples: [
    ["tcs metrics", "http://127.0.0.1:9464/metrics"],
    ["tcs metrics --port 9465 --host nats.oca.lan", "of another host's fleet"],
    ["tcs metrics --once", "printed once"],
  ],
  args: {
    port: { type: "string", description: `Port to listen on (${DEFAULT_PORT})`, valueHint: "PORT" },
    listen: { type: "string", description: "Address to listen on (127.0.0.1: this host only)", valueHint: "ADDRESS" },
    once: { type: "boolean", description: "Print the metrics once, and end" },
    host: { ...brokerArgs.host, description: "NATS broker: a host, host:port or nats:// address" },
    prefix: brokerArgs.prefix,
    ...configArg,
    ...verboseArg,
  },
  async run({ args }) {
    const { config, host, prefix } = args;
    const port = parsePort(args.port) ?? DEFAULT_PORT;
    if (args.once) {
      await withFleet({ config, host, prefix }, "tcs metrics", async (access) => {
        const messenger = { connection: access.connection, state: "connected" } as const;
        const view = await new FleetReader({ messenger, subjectPrefix: access.prefix }).view();
        if (!view.isBrokerUp)
          throw new StreamUnreadableError(`the fleet at ${access.settings.servers.join(", ")} cannot be read`);
        const { exposition } = await import("../../metrics/exposition.ts");
        process.stdout.write(await exposition(view));
      });
      return ExitCode.ok;
    }
    const signalled = onFirstSignal();
    const settings = await findBroker({ config, host, prefix });
    const logger = new Logger("tcs", stderrSink());
    await using messenger = new Messenger({ settings, name: "tcs metrics", logger });
    const source = { messenger, subjectPrefix: settings.subjectPrefix };
    const server = await serveMetrics({ port, host: args.listen }, source);
    // Without a broker it says so, in `tcs_broker_up`, and goes on looking.
    void messenger.open().then(
      () => {
        if (messenger.state !== "connected") logger.warning(`${messenger.unreachable().message}; looking for it`);
      },
      // Ended before there was one.
      () => undefined,
    );
    logger.info(`metrics at ${server.url}; Ctrl-C ends it`);
    const signal = await signalled;
    await server.stop();
    return signalExitCode(signal);
  },
});
