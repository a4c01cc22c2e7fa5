// A connection for one question: made at once or not at all.
import type { NatsConnection } from "nats";
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
    const connection = await within(attempt, limitMs + 50);
    rememberOwner(connection, settings);
    return connection;
  } catch (cause) {
    throw brokerUnreachable(settings, connectFault(cause, limitMs, settings), { cause });
  }
}

/** Some steps of connecting (looking up a name) have no limit of their own. */
async function within(attempt: Promise<NatsConnection>, limitMs: number): Promise<NatsConnection> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    // Whatever still comes of the attempt is not wanted any more; its failure has been told as "late".
    attempt.then((connection) => connection.close()).catch(() => undefined);
    late.reject(Object.assign(new Error("late"), { code: "TIMEOUT" }));
  }, limitMs);
  try {
    return await Promise.race([attempt, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
