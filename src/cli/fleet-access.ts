// How commands come to the fleet: which broker, one connection, one look at everything.
import { existsSync } from "node:fs";
import type { NatsConnection } from "nats";
import { locateBroker } from "../broker/locate.ts";
import { type FleetSnapshot, ServiceControlClient } from "../client/service-control-client.ts";
import { TcsError } from "../common/errors.ts";
import { loadEnv } from "../config/dotenv.ts";
import { type NatsFlags, readNatsSection, resolveNats, resolveSubjectPrefix } from "../config/nats.ts";
import type { NatsSettings } from "../config/types.ts";
import { connectOnce } from "../messaging/connect-once.ts";
import { parsePort } from "./numbers.ts";

/** The configuration that is meant where none is named. */
export const DEFAULT_CONFIG = "services.yaml";

export interface BrokerFlags {
  config?: string | undefined;
  host?: string | undefined;
  port?: string | undefined;
  prefix?: string | undefined;
}

/** Command line > configuration file > `.env` and environment > this host's own broker > 127.0.0.1:4222. */
export async function findBroker({ config, host, port, prefix }: BrokerFlags): Promise<NatsSettings> {
  const env = loadEnv(process.cwd(), process.env);
  const file = config ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined);
  const section = file === undefined ? undefined : await readNatsSection(file, env);
  const portNumber = parsePort(port);
  const flags: NatsFlags = {
    ...(host === undefined ? {} : { host }),
    ...(portNumber === undefined ? {} : { port: portNumber }),
    ...(prefix === undefined ? {} : { prefix }),
  };
  const sources = { flags, ...(section ? { file: section } : {}), env };
  const settings = resolveNats(sources);
  return locateBroker({ settings, subjectPrefix: resolveSubjectPrefix(sources), env });
}

/** A connection for one command, with what it needs to be used. */
export interface FleetAccess {
  connection: NatsConnection;
  settings: NatsSettings;
  /** Subject prefix of the fleet. */
  prefix: string;
}

/**
 * Connects for the time of `use`.
 * @param name of the connection, as the broker's monitoring shows it
 * @throws BrokerUnreachableError, ConfigError, or what `use` throws
 */
export async function withFleet<T>(
  flags: BrokerFlags,
  name: string,
  use: (access: FleetAccess) => Promise<T>,
): Promise<T> {
  // Loaded while the configuration is read: it is the largest part of the start.
  void import("nats");
  const settings = await findBroker(flags);
  const connection = await connectOnce(settings, name);
  try {
    return await use({ connection, settings, prefix: settings.subjectPrefix });
  } finally {
    // Nothing is under way that would be lost, and nobody should wait for it.
    void connection.close();
  }
}

/** @throws TcsError when none of the streams can be read */
export async function readFleet({ connection, settings }: FleetAccess): Promise<FleetSnapshot> {
  const client = new ServiceControlClient(connection, { subjectPrefix: settings.subjectPrefix });
  const fleet = await client.readFleet();
  const faults = fleet.streams.map(({ fault }) => fault);
  const fatal = faults.find((fault) => fault && fault.reason !== "no_stream");
  if (fatal && faults.every((fault) => fault !== undefined)) {
    throw new TcsError(`cannot read the fleet from ${settings.servers.join(", ")}: ${fatal.message}`, {
      hint:
        fatal.reason === "no_jetstream"
          ? "start the broker with JetStream (nats-server -js), or let tcs run start its own"
          : "the account needs the right to read the streams of the fleet",
    });
  }
  return fleet;
}
