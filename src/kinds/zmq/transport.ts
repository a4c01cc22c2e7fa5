// Topics and tasks over ZeroMQ, in Experimance's forms.
import type { Logger } from "../../common/logger.ts";
import type { Transport } from "../transport.ts";
import { openPuller, openPusher } from "./tasks.ts";
import { openInlet, openOutlet } from "./topics.ts";

export function zmqTransport(logger: Logger): Transport {
  return {
    name: "zmq",
    openOutlet: ({ addresses }) => openOutlet(addresses, logger),
    openInlet: (options) => openInlet(options, logger),
    openPusher: (options) => openPusher(options, logger),
    openPuller: (options) => openPuller(options, logger),
  };
}
