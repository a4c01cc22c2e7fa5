// A connection for one question: made at once or not at all.
import type { NatsConnection } from "nats";
import { BrokerUnreachableError, describeError } from "../common/errors.ts";
import type { NatsSettings } from "../config/types.ts";

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
  const { servers, user, password, token } = settings;
  const { connect } = await import("nats");
  const attempt = connect({
    servers,
    name,
    reconnect: false,
    noRandomize: true,
    resolve: false,
    timeout: Math.ceil(limitMs / servers.length),
    noAsyncTraces: true,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { pass: password }),
    ...(token === undefined ? {} : { token }),
  });
  try {
    return await within(attempt, limitMs + 50);
  } catch (cause) {
    throw new BrokerUnreachableError(
      `no broker at ${servers.join(", ")} (address from: ${settings.origin}): ${explain(cause, limitMs)}`,
      { cause, hint: "start one with tcs run or tcs broker, or say where it is: --host, --port, --config" },
    );
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

function explain(cause: unknown, limitMs: number): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  switch (code) {
    case "CONNECTION_REFUSED":
    case "ECONNREFUSED":
      return "connection refused";
    case "TIMEOUT":
      return `no answer within ${(limitMs / 1000).toFixed(1)} s`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "no such host";
    case "AUTHORIZATION_VIOLATION":
    case "AUTHENTICATION_EXPIRED":
      return "it refuses these credentials";
    default:
      return describeError(cause) === "unexpected response from server"
        ? "something answers there, but it is not NATS"
        : describeError(cause);
  }
}
