// Why a broker could not be reached, in words: what the client says is made for programmers.
import { BrokerUnreachableError, describeError, TcsError } from "../common/errors.ts";
import type { NatsLogin, NatsSettings } from "../config/types.ts";
import { describeLogin } from "./login.ts";
import { tlsFault } from "./tls-fault.ts";

/** `away`: nobody there; `login`: it refuses us; `tls`: no trust, by one side or the other; `file`: ours, not the broker's. */
export interface ConnectFault {
  kind: "away" | "login" | "tls" | "file";
  /** One short phrase. */
  why: string;
  /** What to check, when that is not where the broker is. */
  hint?: string;
}

const START_ONE = 'start one with "tcs run" or "tcs broker", or say where it is: --host, --port, --config';

/** The error that says where a broker was looked for, who said so, and why it was not found. */
export function brokerUnreachable(
  settings: NatsSettings,
  { kind, why, hint = START_ONE }: ConnectFault,
  options?: ErrorOptions,
): BrokerUnreachableError {
  const servers = settings.servers.map((server) => server.replace(/\/\/[^@/]*@/, "//")).join(", ");
  const from = `(address from: ${settings.origin})`;
  const what = kind === "away" ? `no NATS broker at ${servers} ${from}` : `no connection to ${servers} ${from}`;
  return new BrokerUnreachableError(`${what}: ${why}`, { ...options, hint });
}

/** What an error of the nats client, of TLS or of the network means. @param limitMs how long it was waited for */
export function connectFault(
  cause: unknown,
  limitMs: number,
  settings: NatsLogin & Pick<NatsSettings, "servers" | "tls">,
): ConnectFault {
  if (cause instanceof TcsError) {
    return { kind: "file", why: describeError(cause), ...(cause.hint === undefined ? {} : { hint: cause.hint }) };
  }
  const code = codeOf(cause);
  const tls = tlsFault(code, cause, settings);
  return loginFault(code, settings) ?? (tls && { kind: "tls", ...tls }) ?? awayFault(code, cause, limitMs);
}

function awayFault(code: string, cause: unknown, limitMs: number): ConnectFault {
  const away = (why: string): ConnectFault => ({ kind: "away", why });
  switch (code) {
    case "CONNECTION_REFUSED":
    case "ECONNREFUSED":
      return away("connection refused");
    case "TIMEOUT":
    case "CONNECTION_TIMEOUT":
      return away(`no answer within ${(limitMs / 1000).toFixed(1)} s`);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return away("no such host");
    case "ERR_INVALID_URL":
      return away("that is no address, expected a host, host:port or nats://host:port");
    default:
      return away(
        describeError(cause) === "unexpected response from server"
          ? "something answers there, but it is not NATS"
          : describeError(cause),
      );
  }
}

function loginFault(code: string, settings: NatsLogin): ConnectFault | undefined {
  const who = describeLogin(settings);
  const fault = (why: string, hint: string): ConnectFault => ({ kind: "login", why, hint });
  const keys = keysOf(settings);
  switch (code) {
    case "AUTHORIZATION_VIOLATION":
      return who === undefined
        ? fault("it wants to know who connects, and no login is given", LOGIN_HINT)
        : fault(`it refuses these credentials (${who})`, `check ${keys}, and that the broker knows this user`);
    case "AUTHENTICATION_EXPIRED":
    case "ACCOUNT_EXPIRED":
      return fault(
        `the credentials have expired (${who ?? "no login"})`,
        `ask for new ones, and put them where ${keys} says`,
      );
    case "AUTHENTICATION_TIMEOUT":
      return fault("it has not got the login in time", `check ${keys}`);
    case "BAD_CREDS":
    case "BAD_AUTHENTICATION":
      return fault(
        `${settings.credsFile ?? "the creds file"} is not a creds file`,
        "it has a JWT and a seed, as nsc generate creds writes them",
      );
    case "NKEYS":
      return fault(
        `${settings.nkeyFile ?? settings.credsFile ?? "the seed"} holds no nkey seed`,
        "a user's seed is one line that begins with SU",
      );
    default:
      return undefined;
  }
}

const LOGIN_HINT =
  "give one: nats.user and nats.password_file, nats.creds_file or nats.nkey_file; or NATS_USER and NATS_PASSWORD, NATS_CREDS, NATS_NKEY";

/** Where the login stands, as the user wrote it. */
function keysOf({ user, token, tokenFile, nkeyFile, credsFile, passwordFile }: NatsLogin): string {
  if (credsFile !== undefined) return `${credsFile} (nats.creds_file or NATS_CREDS)`;
  if (nkeyFile !== undefined) return `${nkeyFile} (nats.nkey_file or NATS_NKEY)`;
  if (tokenFile !== undefined) return `${tokenFile} (nats.token_file or NATS_TOKEN_FILE)`;
  if (passwordFile !== undefined) return `nats.user and ${passwordFile} (or NATS_USER, NATS_PASSWORD_FILE)`;
  if (token !== undefined) return "the token (nats.token or NATS_TOKEN)";
  return user === undefined ? "the login" : "nats.user and its password (or NATS_USER, NATS_PASSWORD)";
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "";
  if (cause.name === "NKeysError") return "NKEYS";
  return "code" in cause ? String(cause.code) : "";
}
