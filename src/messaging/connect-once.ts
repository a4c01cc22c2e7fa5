// A connection for one question: made at once or not at all.
import type { NatsConnection } from "nats";
import { atMost } from "../common/at-most.ts";
import { TurningTime } from "../common/turning-time.ts";
import type { NatsSettings } from "../config/types.ts";
import { brokerUnreachable, connectFault } from "./connect-fault.ts";
import { loginOptions, rememberOwner } from "./login.ts";
import { natsClient } from "./nats-client.ts";

/** The longest it may take to connect, milliseconds. */
export const CONNECT_LIMIT_MS = 900;

/** With less time than this left it is not tried again, milliseconds. */
const LEAST_MS = 100;

/**
 * Connects without ever trying again, unless it was this process that stood still: then what the broker answered was not read.
 * @param limitMs of time in which our loop turns
 * @throws BrokerUnreachableError naming the address and where it came from
 */
export async function connectOnce(
  settings: NatsSettings,
  name: string,
  limitMs = CONNECT_LIMIT_MS,
): Promise<NatsConnection> {
  using turning = new TurningTime();
  for (let leftMs = limitMs; ; ) {
    try {
      const connection = await tryOnce(settings, name, leftMs);
      rememberOwner(connection, settings);
      return connection;
    } catch (cause) {
      leftMs = limitMs - turning.ms;
      if (isLate(cause) && leftMs >= LEAST_MS) continue;
      throw brokerUnreachable(settings, connectFault(cause, limitMs, settings), { cause });
    }
  }
}

async function tryOnce(settings: NatsSettings, name: string, limitMs: number): Promise<NatsConnection> {
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
    return await attempt;
  } catch (cause) {
    // Whatever still comes of the attempt is not wanted any more; its failure is told here.
    attempt.then((connection) => connection.close()).catch(() => undefined);
    throw cause;
  }
}

function isLate(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && ["TIMEOUT", "CONNECTION_TIMEOUT"].includes(String(cause.code));
}
