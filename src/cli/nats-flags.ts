// The broker as a command line names it.
import type { NatsFlags } from "../config/nats.ts";
import { parsePort } from "./numbers.ts";

/** The options of `brokerArgs`. */
export interface BrokerWords {
  host?: string | undefined;
  port?: string | undefined;
  prefix?: string | undefined;
}

/** @throws UsageError when the port is none */
export function natsFlags({ host, port, prefix }: BrokerWords): NatsFlags {
  const portNumber = parsePort(port);
  return {
    ...(host === undefined ? {} : { host }),
    ...(portNumber === undefined ? {} : { port: portNumber }),
    ...(prefix === undefined ? {} : { prefix }),
  };
}
