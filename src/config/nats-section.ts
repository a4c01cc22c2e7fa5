// The `nats:` part of a configuration file.
import { dottedFault } from "../common/names.ts";
import type { Checker } from "./checker.ts";
import { type Address, parseAddresses, withoutCredentials } from "./nats-url.ts";
import { isNull, type MapNode, type Node } from "./source-tree.ts";

/** Keys of `nats:`. */
export const NATS_KEYS = [
  "host",
  "port",
  "url",
  "urls",
  "servers",
  "required",
  "subject_prefix",
  "user",
  "password",
  "token",
] as const;

export interface NatsSection {
  servers?: Address[];
  host?: string;
  port?: number;
  required?: boolean;
  subjectPrefix?: string;
  credentials?: { user?: string; password?: string; token?: string };
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
  const subjectPrefix = readPrefix(checker, map);
  const credentials = readCredentials(checker, map);
  return {
    ...(servers && { servers }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(required !== undefined && { required }),
    ...(subjectPrefix !== undefined && { subjectPrefix }),
    ...(credentials && { credentials }),
    named: [...map.entries].some(([key, { value }]) => key !== "subject_prefix" && !isNull(value)),
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
    if (parsed.ok) return parsed.addresses;
    checker.report(node, path, JSON.stringify(withoutCredentials(text)), parsed.expected);
    return [];
  });
  if (nodes.length === 0) checker.report(value, `nats.${key}`, "an empty list", "at least one address");
  return addresses.length > 0 ? addresses : undefined;
}

function readPrefix(checker: Checker, map: MapNode): string | undefined {
  return read(map, "subject_prefix", (value, key) => {
    const text = checker.text(value, key, "a subject prefix, as svc");
    const fault = text === undefined ? undefined : dottedFault(text);
    return fault === undefined
      ? text
      : checker.report(value, key, JSON.stringify(text), `a legal subject prefix (${fault})`);
  });
}

function readCredentials(checker: Checker, map: MapNode): NatsSection["credentials"] {
  const text = (name: string) =>
    read(map, name, (value, key) =>
      // Whatever stands there may be a secret: it is never shown.
      value.kind === "scalar" ? checker.text(value, key, "text") : checker.report(value, key, "no text", "text"),
    );
  const user = text("user");
  const password = text("password");
  const token = text("token");
  const clash = (name: string, given: string, expected: string) => {
    const offset = map.entries.get(name)?.keyOffset ?? map.offset;
    return checker.report({ source: map.source, offset }, `nats.${name}`, given, expected);
  };
  if (password !== undefined && user === undefined) clash("password", "a password without a user", "user too");
  if (token !== undefined && user !== undefined) clash("token", "a token beside a user", "one of them");
  if (user === undefined && token === undefined) return undefined;
  return {
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(token !== undefined && { token }),
  };
}

function read<T>(map: MapNode, name: string, reader: (value: Node, key: string) => T | undefined): T | undefined {
  const value = map.entries.get(name)?.value;
  return value === undefined || isNull(value) ? undefined : reader(value, `nats.${name}`);
}
