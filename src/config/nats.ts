// Where the broker is: command line > file > environment, each part by itself.
import { basename } from "node:path";
import { dottedFault } from "../common/names.ts";
import { ConfigError, type ConfigIssue, showValue } from "./errors.ts";
import type { Env } from "./expand.ts";
import { loginFromEnv } from "./nats-login.ts";
import { type NatsSection, readNatsBlock } from "./nats-section.ts";
import { tlsFromEnv } from "./nats-tls.ts";
import { type Address, formatAddress, parseAddresses, withoutCredentials } from "./nats-url.ts";
import { readSection } from "./section.ts";
import type { NatsLogin, NatsSettings } from "./types.ts";

export type { NatsSection } from "./nats-section.ts";

const DEFAULT_NATS_PORT = 4222;
export const DEFAULT_SUBJECT_PREFIX = "svc";

/** What the command line says about the broker. */
export interface NatsFlags {
  /** A host name, `host:port`, or a `nats://` or `tls://` URL; without a secret: everybody on the host sees it. */
  host?: string;
  port?: number;
  prefix?: string;
}

export interface NatsSources {
  flags?: NatsFlags;
  /** The `nats:` part of the configuration file. */
  file?: NatsSection;
  env: Env;
}

export interface NatsAnswer {
  /** Undefined: nobody named a broker. */
  nats?: NatsSettings;
  subjectPrefix: string;
  issues: ConfigIssue[];
}

/**
 * The broker to use, or undefined when nobody said.
 * @throws ConfigError when a value is not usable
 */
export function resolveNats(sources: NatsSources): NatsSettings | undefined {
  const { nats, issues } = decideNats(sources);
  if (issues.length > 0) throw new ConfigError(issues);
  return nats;
}

/** The subject prefix: command line > file > `svc`. */
export function resolveSubjectPrefix({ flags, file }: Pick<NatsSources, "flags" | "file">): string {
  return flags?.prefix ?? file?.subjectPrefix ?? DEFAULT_SUBJECT_PREFIX;
}

/** The `nats:` part of a configuration file. @throws ConfigError */
export async function readNatsSection(file: string, env: Env): Promise<NatsSection | undefined> {
  return await readSection(file, "nats", env, (checker, node) => readNatsBlock(checker, node, basename(file)));
}

/** The variables that say where the broker is, the strongest first. */
export function environmentNames(env: Env): string[] {
  return ["TCS_NATS_URL", "NATS_URL", "NATS_HOST", "NATS_PORT"].filter((name) => env[name]);
}

/** All of `resolveNats`, with issues as a list. */
export function decideNats({ flags = {}, file, env }: NatsSources): NatsAnswer {
  const issues: ConfigIssue[] = [];
  const subjectPrefix = resolveSubjectPrefix({ flags, ...(file && { file }) });
  const fail = (source: string, key: string, given: string, expected: string, hint?: string) => {
    issues.push({ file: source, line: 0, column: 0, key, given, expected, ...(hint !== undefined && { hint }) });
    return undefined;
  };
  const report = (source: string, key: string, given: unknown, expected: string) =>
    fail(source, key, showValue(given), expected);
  if (flags.prefix !== undefined) {
    const fault = dottedFault(flags.prefix);
    if (fault) report("command line", "--prefix", flags.prefix, `a legal subject prefix (${fault})`);
  }
  const port = (source: string, key: string, value: unknown): number | undefined => {
    if (value === undefined || value === "") return undefined;
    const number = Number(value);
    const fits = Number.isInteger(number) && number >= 1 && number <= 65535;
    return fits ? number : report(source, key, value, "a port from 1 to 65535");
  };
  const addresses = (source: string, key: string, value: string | undefined): Address[] | undefined => {
    if (!value) return undefined;
    const parsed = parseAddresses(value);
    return parsed.ok ? parsed.addresses : report(source, key, withoutCredentials(value), parsed.expected);
  };
  const envUrl = env.TCS_NATS_URL ? "TCS_NATS_URL" : "NATS_URL";
  const said = {
    flagPort: port("command line", "--port", flags.port),
    flagHost: addresses("command line", "--host", flags.host),
    envUrl: addresses("environment", envUrl, env[envUrl]),
    envHost: addresses("environment", "NATS_HOST", env.NATS_HOST),
    envPort: port("environment", "NATS_PORT", env.NATS_PORT),
  };
  if (said.flagHost?.some(({ password, token }) => password !== undefined || token !== undefined)) {
    const given = "an address with a password or token, which every user of this host can see";
    fail("command line", "--host", given, "NATS_USER and NATS_PASSWORD in the environment, or nats: in a file");
  }
  if (issues.length > 0) return { subjectPrefix, issues };

  const found = chooseAddresses(said, file);
  if (!found) return { subjectPrefix, issues };
  const fallbackPort = said.flagPort ?? file?.port ?? said.envPort ?? DEFAULT_NATS_PORT;
  const complete = found.addresses.map((address) => ({ ...address, port: address.port ?? fallbackPort }));
  const fromEnv = (variable: string, given: string, expected: string, hint?: string) =>
    void fail("environment", variable, given, expected, hint);
  const login = chooseLogin(complete, file) ?? loginFromEnv(env, fromEnv);
  // A tls:// address says no more than that there must be TLS: whom to believe may stand elsewhere.
  const tls = file?.tls ?? tlsFromEnv(env, fromEnv) ?? (complete.some((address) => address.tls) ? {} : undefined);
  const inboxPrefix = file?.inboxPrefix ?? (env.NATS_INBOX_PREFIX || undefined);
  const inboxFault = inboxPrefix === undefined ? undefined : dottedFault(inboxPrefix);
  if (inboxFault) report("environment", "NATS_INBOX_PREFIX", inboxPrefix, `a legal prefix of inboxes (${inboxFault})`);
  if (issues.length > 0) return { subjectPrefix, issues };
  const nats: NatsSettings = {
    servers: complete.map(formatAddress),
    required: file?.required ?? false,
    subjectPrefix,
    ...login,
    ...(tls && { tls }),
    ...(inboxPrefix !== undefined && { inboxPrefix }),
    origin: found.origin,
  };
  return { nats, subjectPrefix, issues };
}

interface Said {
  flagPort: number | undefined;
  flagHost: Address[] | undefined;
  envUrl: Address[] | undefined;
  envHost: Address[] | undefined;
  envPort: number | undefined;
}

function chooseAddresses(
  said: Said,
  file: NatsSection | undefined,
): { addresses: Address[]; origin: string } | undefined {
  const environment = said.envUrl ?? said.envHost ?? (said.envPort === undefined ? undefined : [{ host: "localhost" }]);
  const lower = file?.servers
    ? { addresses: file.servers, origin: file.origin }
    : file?.host !== undefined
      ? { addresses: [{ host: file.host }], origin: file.origin }
      : file?.named
        ? { addresses: said.envHost ?? [{ host: "localhost" }], origin: file.origin }
        : environment && { addresses: environment, origin: "environment" };
  if (said.flagHost) return { addresses: said.flagHost, origin: "command line" };
  if (said.flagPort === undefined) return lower;
  const port = said.flagPort;
  const hosts = lower?.addresses ?? [{ host: "localhost" }];
  return { addresses: hosts.map((address) => ({ ...address, port })), origin: "command line" };
}

/** From one source only, so that a password is never paired with another source's user. */
function chooseLogin(addresses: readonly Address[], file: NatsSection | undefined): NatsLogin | undefined {
  const inUrl = addresses.find(({ user, token }) => user !== undefined || token !== undefined);
  if (!inUrl) return file?.login;
  const { user, password, token } = inUrl;
  return {
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(token !== undefined && { token }),
  };
}
