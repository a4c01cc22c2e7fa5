// Why a broker could not be reached, in words: what the client says is made for programmers.
import { BrokerUnreachableError, describeError } from "../common/errors.ts";
import type { NatsSettings } from "../config/types.ts";

/** The error that says where a broker was looked for, who said so, and why it was not found. */
export function brokerUnreachable(settings: NatsSettings, why: string, options?: ErrorOptions): BrokerUnreachableError {
  const servers = settings.servers.map((server) => server.replace(/\/\/[^@/]*@/, "//")).join(", ");
  return new BrokerUnreachableError(`no NATS broker at ${servers} (address from: ${settings.origin}): ${why}`, {
    ...options,
    hint: 'start one with "tcs run" or "tcs broker", or say where it is: --host, --port, --config',
  });
}

/** One short phrase for an error of the nats client or of the network. @param limitMs how long it was waited for */
export function connectFault(cause: unknown, limitMs: number): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  switch (code) {
    case "CONNECTION_REFUSED":
    case "ECONNREFUSED":
      return "connection refused";
    case "TIMEOUT":
    case "CONNECTION_TIMEOUT":
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
