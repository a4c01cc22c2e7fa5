// The broker of a launcher: the one that its configuration names, or this host's own, started if need be.
import { BrokerKeeper } from "../broker/index.ts";
import type { Logger } from "../common/logger.ts";
import type { FleetConfig, NatsSettings } from "../config/types.ts";

export interface FoundBroker {
  nats: NatsSettings;
  /** Where it was found, in words. */
  from: string;
  /** The connection was lost: one that was started here may have to be started again. */
  onLost: () => void;
}

/** @param atEnd takes what is to be done when the launcher has ended @throws BrokerStartError */
export async function findBroker(
  { nats, subjectPrefix }: FleetConfig,
  logger: Logger,
  atEnd: (() => Promise<void> | void)[],
): Promise<FoundBroker> {
  if (nats) return { nats, from: `from ${nats.origin}`, onLost: () => undefined };
  const keeper = new BrokerKeeper({ logger, subjectPrefix });
  atEnd.push(() => keeper.stop());
  const { settings, startedHere } = await keeper.ensure();
  return {
    nats: settings,
    from: startedHere ? "started here" : "found running",
    onLost: () => keeper.connectionLost(),
  };
}
