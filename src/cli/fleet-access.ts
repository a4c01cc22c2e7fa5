// How commands come to the fleet: which broker, one connection, one look at everything.
import { locateBroker } from "../broker/locate.ts";
import type { FleetContact } from "../client/fleet-contact.ts";
import { assertReadable, type FleetSnapshot } from "../client/fleet-snapshot.ts";
import { ServiceControlClient } from "../client/service-control-client.ts";
import { loadEnv } from "../config/dotenv.ts";
import { readNatsSection, resolveNats, resolveSubjectPrefix } from "../config/nats.ts";
import type { NatsSettings } from "../config/types.ts";
import { connectOnce } from "../messaging/connect-once.ts";
import { natsClient } from "../messaging/nats-client.ts";
import { configIfAny } from "./default-config.ts";
import { type BrokerWords, natsFlags } from "./nats-flags.ts";
import { whoAmI } from "./who.ts";

export interface BrokerFlags extends BrokerWords {
  config?: string | undefined;
}

/** Command line > configuration file > `.env` and environment > this host's own broker > 127.0.0.1:4222. */
export async function findBroker({ config, ...words }: BrokerFlags): Promise<NatsSettings> {
  const env = loadEnv(process.cwd(), process.env);
  const file = configIfAny(config);
  const section = file === undefined ? undefined : await readNatsSection(file, env);
  const sources = { flags: natsFlags(words), ...(section ? { file: section } : {}), env };
  const settings = resolveNats(sources);
  return locateBroker({ settings, subjectPrefix: resolveSubjectPrefix(sources), env });
}

/** A connection for one command, with what it needs to be used. */
export interface FleetAccess extends FleetContact {
  settings: NatsSettings;
  /** The user at this terminal. */
  by: string;
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
  void natsClient();
  const settings = await findBroker(flags);
  const connection = await connectOnce(settings, name);
  try {
    const access = { connection, settings, prefix: settings.subjectPrefix, by: whoAmI() };
    return await use({ ...access, look: async () => (await readFleet(access)).services });
  } finally {
    // Nothing is under way that would be lost, and nobody should wait for it.
    void connection.close();
  }
}

/** @throws TcsError when none of the streams can be read */
export async function readFleet({ connection, settings }: Omit<FleetAccess, "look">): Promise<FleetSnapshot> {
  const client = new ServiceControlClient(connection, { subjectPrefix: settings.subjectPrefix });
  const fleet = await client.readFleet();
  assertReadable(fleet, settings.servers);
  return fleet;
}
