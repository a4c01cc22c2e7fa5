// A connection for one question: made at once or not at all.
import type { NatsConnection } from "nats";
import { atMost } from "../common/at-most.ts";
import type { NatsSettings } from "../config/types.ts";
import { brokerUnreachable, connectFault } from "./connect-fault.ts";
import { loginOptions, rememberOwner } from "./login.ts";
import { natsClient } from "./nats-client.ts";

/** The longest it may take to connect, milliseconds. */
export const CONNECT_LIMIT_MS = 900;

/**
 * Connects without ever trying again.
 * @throws BrokerUnreachableError naming the address and where it came from
 */
export async function connectOnce(
  settings: NatsSettings,
  name: string,
  limitMs = CONNECT_LIMIT_MS,
): Promise<NatsConnection> {
  const { servers } = settings;
  const { connect } = await natsClient();
  const attempt = connect({
    ...(await loginOptions(settings)),
    servers,
    name,
    reconnect: false,
    noRandomize: true,
    resolve: false,
    timeout: Math.ceil(limitMs / servers.length),
    noAsyncTraces: true,
  });
  try {
    // Some steps of connecting (looking up a name) have no limit of their own.
    if (!(await atMost(limitMs + 50, attempt))) throw Object.assign(new Error("late"), { code: "TIMEOUT" });
    const connection = await attempt;
    rememberOwner(connection, settings);
    return connection;
  } catch (cause) {
    // Whatever still comes of the attempt is not wanted any more; its failure is told here.
    attempt.then((connection) => connection.close()).catch(() => undefined);
    throw brokerUnreachable(settings, connectFault(cause, limitMs, settings), { cause });
  }
}
