// tcs broker: the embedded NATS server alone, until it is told to stop.
import { BrokerKeeper, ensureStreams } from "../../broker/index.ts";
import { stderrSink } from "../../common/log-line.ts";
import { Logger } from "../../common/logger.ts";
import { signalExitCode } from "../../common/signal-codes.ts";
import { onFirstSignal } from "../../common/signals.ts";
import { Messenger } from "../../messaging/index.ts";
import { verboseArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { parsePort } from "../numbers.ts";

export default defineCommand({
  meta: {
    name: "broker",
    description: "Run the NATS broker alone (nats-server with JetStream, on 127.0.0.1), until Ctrl-C",
  },
  examples: [
    ["tcs broker", "until Ctrl-C"],
    ["tcs broker --port 4300", "there, or at the next free port"],
  ],
  args: {
    port: { type: "string", description: "First port to try (4222)", valueHint: "PORT" },
    ...verboseArg,
  },
  async run({ args }) {
    const logger = new Logger("tcs", stderrSink());
    const port = parsePort(args.port);
    const keeper = new BrokerKeeper({ logger, ...(port === undefined ? {} : { port }) });
    const signalled = onFirstSignal();
    const { settings, startedHere } = await keeper.ensure();
    const [address] = settings.servers;
    if (!startedHere) {
      logger.info(`a broker runs at ${address} already: nothing to do`);
      await keeper.stop();
      return 0;
    }
    await using messenger = new Messenger({
      settings,
      name: "tcs-broker",
      logger,
      prepare: async (connection) => {
        const { notes } = await ensureStreams(connection, settings.subjectPrefix);
        for (const note of notes) logger.warning(note);
      },
    });
    messenger.onStateChange((state) => {
      if (state === "disconnected") keeper.connectionLost();
    });
    await messenger.open();
    logger.info(`broker at ${address} (nats-server pid ${keeper.pid}); Ctrl-C ends it`);
    const signal = await signalled;
    await messenger.close();
    await keeper.stop();
    return signalExitCode(signal);
  },
});
