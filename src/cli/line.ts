// A connection for one command: for a moment, or for as long as it follows something.
import type { NatsConnection } from "nats";
import type { NatsSettings } from "../config/types.ts";
import { brokerUnreachable } from "../messaging/connect-fault.ts";
import { connectOnce } from "../messaging/connect-once.ts";
import { Link } from "../messaging/link.ts";
import { tell } from "./output.ts";

/** A connection for a command. */
export interface Line {
  connection: NatsConnection;
  /** Calls `listener` whenever the connection has come back. */
  onUp(listener: (connection: NatsConnection) => void): void;
  close(): void;
}

/**
 * Connects.
 * @param name of the connection, as the broker's monitoring shows it
 * @param keep stay connected, over restarts of the broker, and tell of them
 * @throws BrokerUnreachableError
 */
export async function openLine(settings: NatsSettings, name: string, keep: boolean): Promise<Line> {
  if (keep) return await keepConnected(settings, name);
  const connection = await connectOnce(settings, name);
  return { connection, onUp: () => undefined, close: () => void connection.close() };
}

async function keepConnected(settings: NatsSettings, name: string): Promise<Line> {
  let listener: ((connection: NatsConnection) => void) | undefined;
  let isAway = false;
  const link = new Link(settings, name, {
    up(connection) {
      if (isAway) tell("connected to the broker");
      isAway = false;
      listener?.(connection);
    },
    down() {
      isAway = true;
      tell("connection to the broker lost; waiting for it");
    },
    refused: () => undefined,
    barred: (fault) => tell(brokerUnreachable(settings, fault).message),
    state: () => undefined,
  });
  await link.start();
  const { connection } = link;
  if (!connection || link.state !== "connected") {
    const fault = link.lastFault ?? { kind: "away", why: "no answer" };
    await link.close(0);
    throw brokerUnreachable(settings, fault);
  }
  return {
    connection,
    onUp(then) {
      listener = then;
    },
    close: () => void link.close(0),
  };
}
