// The `nats:` part of a configuration file.
import { dirname, resolve } from "node:path";
import { dottedFault } from "../common/names.ts";
import type { Checker } from "./checker.ts";
import { isOnlyVariables, LOGIN_KEYS, readLogin } from "./nats-login.ts";
import { readTls } from "./nats-tls.ts";
import { type Address, parseAddresses, withoutCredentials } from "./nats-url.ts";
import { isNull, type MapNode, type Node } from "./source-tree.ts";
import type { NatsLogin, TlsSettings } from "./types.ts";

/** Keys of `nats:`. */
export const NATS_KEYS = [
  "host",
  "port",
  "url",
  "urls",
  "servers",
  "required",
  "subject_prefix",
  "inbox_prefix",
  "config_subject",
  "tls",
  ...LOGIN_KEYS,
] as const;

/** What does not say that a broker is meant that somebody else runs. */
const NO_ADDRESS: readonly string[] = ["subject_prefix", "config_subject"];

export interface NatsSection {
  servers?: Address[];
  host?: string;
  port?: number;
  required?: boolean;
  subjectPrefix?: string;
  inboxPrefix?: string;
  configSubject?: string;
  tls?: TlsSettings;
  login?: NatsLogin;
  /** The section means a broker (not only a subject prefix): without an address it is the one on localhost. */
  named: boolean;
  /** The file, for messages. */
  origin: string;
}

/** Reads the section; what is wrong goes to `checker`. */
export function readNatsBlock(checker: Checker, node: Node, origin: string): NatsSection | undefined {
  const map = checker.map(node, "nats", "a mapping with host and port");
  if (!map) return undefined;
  checker.unknownKeys(map, "nats", NATS_KEYS);
  const host = readHost(checker, map);
  const port = read(map, "port", (value, key) => checker.number(value, key, { min: 1, max: 65535, integer: true }));
  const servers = readServers(checker, map);
  const required = read(map, "required", (value, key) => checker.boolean(value, key));
  const subjectPrefix = readPrefix(checker, map, "subject_prefix", "a legal subject prefix");
  const inboxPrefix = readPrefix(checker, map, "inbox_prefix", "a legal prefix of inboxes");
  const configSubject = readSubject(checker, map);
  const folder = dirname(resolve(map.source.name));
  const tls = read(map, "tls", (value) => readTls(checker, value, folder));
  const login = readLogin(checker, map, folder);
  return {
    ...(servers && { servers }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(required !== undefined && { required }),
    ...(subjectPrefix !== undefined && { subjectPrefix }),
    ...(inboxPrefix !== undefined && { inboxPrefix }),
    ...(configSubject !== undefined && { configSubject }),
    ...(tls && { tls }),
    ...(login && { login }),
    named: [...map.entries].some(([key, { value }]) => !NO_ADDRESS.includes(key) && !isNull(value)),
    origin,
  };
}

function readHost(checker: Checker, map: MapNode): string | undefined {
  return read(map, "host", (value, key) => {
    const text = checker.text(value, key, "a host name or address");
    const parsed = text === undefined ? undefined : parseAddresses(text);
    if (!parsed) return undefined;
    const [address] = parsed.ok ? parsed.addresses : [];
    if (address && Object.keys(address).length === 1 && text === address.host) return text;
    return checker.report(
      value,
      key,
      JSON.stringify(withoutCredentials(text ?? "")),
      "only a host name or address",
      "for a full address use url",
    );
  });
}

function readServers(checker: Checker, map: MapNode): Address[] | undefined {
  const given = (["url", "urls", "servers"] as const).filter((key) => !isNull(map.entries.get(key)?.value));
  const [key, second] = given;
  if (key === undefined) return undefined;
  const entry = map.entries.get(key);
  const other = second ?? (["host", "port"] as const).find((name) => !isNull(map.entries.get(name)?.value));
  if (!entry) return undefined;
  if (other !== undefined) {
    const place = { source: map.source, offset: map.entries.get(other)?.keyOffset ?? entry.keyOffset };
    checker.report(place, `nats.${other}`, `${other} beside ${key}`, "the address once");
  }
  const { value } = entry;
  const nodes = value.kind === "seq" ? value.items : [value];
  const addresses = nodes.flatMap((node, i) => {
    const path = value.kind === "seq" ? `nats.${key}[${i}]` : `nats.${key}`;
    const text = checker.text(node, path, "an address as nats://host:4222");
    if (text === undefined) return [];
    const parsed = parseAddresses(text);
    if (parsed.ok && hasClearSecret(node, parsed.addresses)) {
      const expected = `the address alone, with user and password_file or \${NATS_PASSWORD} beside it`;
      checker.report(node, path, "an address with a password or token in clear", expected);
      return [];
    }
    if (parsed.ok) return parsed.addresses;
    checker.report(node, path, JSON.stringify(withoutCredentials(text)), parsed.expected);
    return [];
  });
  if (nodes.length === 0) checker.report(value, `nats.${key}`, "an empty list", "at least one address");
  return addresses.length > 0 ? addresses : undefined;
}

/** Whether a secret stands in the file itself: `nats://ann:secret@host`, not `nats://ann:${NATS_PASSWORD}@host`. */
function hasClearSecret(node: Node, addresses: readonly Address[]): boolean {
  if (!addresses.some(({ password, token }) => password !== undefined || token !== undefined)) return false;
  const written = node.kind === "scalar" ? String(node.value) : "";
  if (isOnlyVariables(written)) return false;
  return [...written.matchAll(/(?:^|[/,\s])([^/,\s]*)@/g)].some(([, login = ""]) => {
    // A name may hold no colon: what comes after the first one is the password.
    const [name = "", ...rest] = login.split(/:(?!-)/);
    return !isOnlyVariables(rest.length === 0 ? name : rest.join(":"));
  });
}

function readPrefix(checker: Checker, map: MapNode, name: string, expected: string): string | undefined {
  return read(map, name, (value, key) => {
    const text = checker.text(value, key, "a subject prefix, as svc");
    const fault = text === undefined ? undefined : dottedFault(text);
    return fault === undefined ? text : checker.report(value, key, JSON.stringify(text), `${expected} (${fault})`);
  });
}

/** The subject of a document: one, not a pattern. */
function readSubject(checker: Checker, map: MapNode): string | undefined {
  return read(map, "config_subject", (value, key) => {
    const text = checker.text(value, key, "a subject, as observatory.config");
    const fault = text === undefined ? undefined : dottedFault(text);
    return fault === undefined ? text : checker.report(value, key, JSON.stringify(text), `a legal subject (${fault})`);
  });
}

function read<T>(map: MapNode, name: string, reader: (value: Node, key: string) => T | undefined): T | undefined {
  const value = map.entries.get(name)?.value;
  return value === undefined || isNull(value) ? undefined : reader(value, `nats.${name}`);
}
