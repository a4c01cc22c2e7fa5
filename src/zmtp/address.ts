// Addresses: tcp://HOST:PORT.
import { ZmtpUsageError } from "./errors.ts";

export interface TcpAddress {
  host: string;
  port: number;
}

const LOOPBACK = "127.0.0.1";

/**
 * Where to listen. `tcp://*:5555` is every interface, and has to be said; without a host (`tcp://:5555`) it is the
 * loopback. Port `*` or 0 takes a free one.
 * @throws ZmtpUsageError
 */
export function parseBindAddress(text: string): TcpAddress {
  const { host, port } = split(text);
  const number = port === "*" ? 0 : portOf(text, port, 0);
  return { host: host === "*" ? "0.0.0.0" : hostOf(host), port: number };
}

/** Where to connect. @throws ZmtpUsageError */
export function parseConnectAddress(text: string): TcpAddress {
  const { host, port } = split(text);
  if (host === "*") throw new ZmtpUsageError(`${text}: "*" is for binding; expected a host to connect to`);
  return { host: hostOf(host), port: portOf(text, port, 1) };
}

/** As `tcp://127.0.0.1:5555`; IPv6 in brackets. */
export function formatAddress({ host, port }: TcpAddress): string {
  return `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function split(text: string): { host: string; port: string } {
  const match = /^tcp:\/\/(\[[\da-fA-F:.%\w]+\]|[^:/[\]\s]*):([^:/\s]+)$/.exec(text);
  if (!match) {
    const other = /^(ipc|inproc|pgm|epgm|udp|ws|vmci):/.exec(text)?.[1];
    const why = other ? `the transport ${other} is not supported` : "this is no address";
    throw new ZmtpUsageError(`${text}: ${why}`, { hint: "expected tcp://HOST:PORT, as tcp://127.0.0.1:5555" });
  }
  const [, host = "", port = ""] = match;
  return { host: host.replace(/^\[|\]$/g, ""), port };
}

/** As in libzmq, localhost is 127.0.0.1, never ::1: the two sides must mean the same. */
function hostOf(host: string): string {
  return host === "" || host === "localhost" ? LOOPBACK : host;
}

function portOf(text: string, port: string, least: number): number {
  const number = /^\d{1,5}$/.test(port) ? Number(port) : Number.NaN;
  if (number >= least && number <= 65_535) return number;
  throw new ZmtpUsageError(`${text}: expected a port from ${least} to 65535, got ${port}`);
}
