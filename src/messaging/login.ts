// Who we are to the broker, and whom we believe: settings as the nats client wants them.
import { basename } from "node:path";
import type { ConnectionOptions, NatsConnection } from "nats";
import { ExitCode, TcsError } from "../common/errors.ts";
import { readSecretFile } from "../config/secret-file.ts";
import type { NatsLogin, NatsSettings } from "../config/types.ts";
import { natsClient } from "./nats-client.ts";

/**
 * A file with a secret cannot be used (any more).
 * @cause A file with a password, token or key is not there, or others than its owner can read it.
 * @remedy Correct the path, and take the right to read it from others: chmod 600 FILE.
 * @example nats.password_file: given a file that others can read, expected one for its owner only
 */
export class SecretFileError extends TcsError {
  override readonly code = "E_SECRET_FILE";
  override readonly exitCode = ExitCode.configInvalid;
}

/**
 * Login, TLS and inbox prefix as options of the client. Files are read at each connection, so that what was renewed
 * counts at the next.
 * @throws SecretFileError, at once or when the client connects
 */
export async function loginOptions(settings: NatsSettings): Promise<ConnectionOptions> {
  const { tls, inboxPrefix } = settings;
  return {
    ...(await authentication(settings)),
    ...(tls && {
      tls: {
        ...(tls.ca !== undefined && { caFile: tls.ca }),
        ...(tls.cert !== undefined && { certFile: tls.cert }),
        ...(tls.key !== undefined && { keyFile: tls.key }),
      },
    }),
    ...(inboxPrefix !== undefined && { inboxPrefix }),
  };
}

async function authentication(login: NatsLogin): Promise<ConnectionOptions> {
  const { user, password, passwordFile, token, tokenFile, nkeyFile, credsFile } = login;
  const client = await natsClient();
  // The client wants the last line of a creds file to have an end.
  const bytes =
    (path: string, end = "") =>
    () =>
      new TextEncoder().encode(secretIn(path) + end);
  if (credsFile !== undefined) return { authenticator: client.credsAuthenticator(bytes(credsFile, "\n")) };
  if (nkeyFile !== undefined) return { authenticator: client.nkeyAuthenticator(bytes(nkeyFile)) };
  if (tokenFile !== undefined) return { authenticator: client.tokenAuthenticator(() => secretIn(tokenFile)) };
  if (user !== undefined && passwordFile !== undefined) {
    return { authenticator: client.usernamePasswordAuthenticator(user, () => secretIn(passwordFile)) };
  }
  return {
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { pass: password }),
    ...(token === undefined ? {} : { token }),
  };
}

function secretIn(path: string): string {
  const read = readSecretFile(path);
  if (read.ok) return read.text;
  const hint = read.hint === undefined ? {} : { hint: read.hint };
  throw new SecretFileError(`given ${read.given}, expected ${read.expected}`, hint);
}

/** Who a login is of, as `the user "ann"`; never a secret. Undefined: nobody in particular. */
export function describeLogin({ user, token, tokenFile, nkeyFile, credsFile }: NatsLogin): string | undefined {
  if (credsFile !== undefined) return `the user of ${basename(credsFile)}`;
  if (nkeyFile !== undefined) return `the user of ${basename(nkeyFile)}`;
  if (token !== undefined || tokenFile !== undefined) return "the user of this token";
  return user === undefined ? undefined : `the user "${user}"`;
}

/** The secrets of a login that are known already or stand in files: what no log may show. */
export function secretsOf({ password, passwordFile, token, tokenFile, nkeyFile, credsFile }: NatsLogin): string[] {
  const inFiles = [passwordFile, tokenFile, nkeyFile, credsFile].flatMap((path) => {
    const read = path === undefined ? undefined : readSecretFile(path);
    return read?.ok ? [read.text] : [];
  });
  return [password ?? "", token ?? "", ...inFiles].filter((secret) => secret !== "");
}

const owners = new WeakMap<NatsConnection, string>();

/** Remembers who a connection is of, for `ownerOf`. */
export function rememberOwner(connection: NatsConnection, settings: NatsLogin): void {
  const owner = describeLogin(settings);
  if (owner !== undefined) owners.set(connection, owner);
}

/** As whom a connection was made: `the user "ann"`, or `this user` when that is not known. */
export function ownerOf(connection: NatsConnection): string {
  return owners.get(connection) ?? "this user";
}

/** What the subjects begin with that a connection may get answers on. */
export function inboxPrefixOf(connection: NatsConnection): string {
  // The client keeps the options it was given; its type does not tell.
  const options: unknown = Reflect.get(connection, "options");
  const prefix = typeof options === "object" && options !== null && Reflect.get(options, "inboxPrefix");
  return typeof prefix === "string" && prefix !== "" ? prefix : "_INBOX";
}

/** Whether a connection is under TLS. */
export function isEncrypted(connection: NatsConnection): boolean {
  // As above: the client knows, its type does not tell.
  const protocol: unknown = Reflect.get(connection, "protocol");
  const transport: unknown = typeof protocol === "object" && protocol !== null && Reflect.get(protocol, "transport");
  if (typeof transport !== "object" || transport === null || !("isEncrypted" in transport)) return false;
  return typeof transport.isEncrypted === "function" && transport.isEncrypted() === true;
}
