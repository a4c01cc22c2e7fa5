// The first reading of a configuration with what NATS says of it: before anything is started.
import { atMost } from "../../common/at-most.ts";
import type { Logger } from "../../common/logger.ts";
import { ConfigError, type FleetReading, type FleetSource } from "../../config/index.ts";
import type { RemoteConfig } from "./remote-config.ts";

/** How long a start waits for a broker that does not answer, milliseconds. */
const LIMIT_MS = 5_000;

/** What NATS says, as far as it is known. */
export interface StartingRemote extends Pick<RemoteConfig, "give" | "known" | "use" | "refuse"> {
  readonly hasNews: boolean;
}

export interface RemoteStart {
  source: FleetSource;
  /** Of the file alone. */
  reading: FleetReading;
  remote: StartingRemote;
  /** Resolves when the first attempt to reach the broker is over. */
  firstContact: Promise<unknown>;
  /** @throws ConfigError */
  check: (reading: FleetReading) => Promise<unknown>;
  logger: Logger;
}

/**
 * The configuration with what is known of it on NATS. What NATS says that does not fit is told and set aside; while the broker
 * is away, what an earlier run has kept of it counts. Never rejects for what NATS says.
 */
export async function readWithRemote(start: RemoteStart): Promise<FleetReading> {
  const { source, reading, remote, firstContact, check, logger } = start;
  source.overlay = () => remote.give();
  await atMost(LIMIT_MS, firstContact);
  await remote.known(LIMIT_MS);
  while (remote.hasNews) {
    try {
      const found = await source.read();
      await check(found);
      remote.use();
      return found;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const line of error.lines) logger.error(line);
      // The file alone was good.
      if (!remote.refuse(error.lines)) return reading;
    }
  }
  // Nothing counts, or nothing that is new: that too is to be kept.
  remote.give();
  remote.use();
  return reading;
}
