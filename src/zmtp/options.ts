// The options of sockets: what can be set, what holds otherwise, what is refused.

import { ZmtpUsageError } from "./errors.ts";
import type { SocketEvent } from "./events.ts";

/** Options of every socket. Times are milliseconds, sizes bytes. */
export interface SocketOptions {
  /**
   * Messages that may wait for each peer, in each direction. Default 1000. What happens beyond it is a matter of the
   * pattern: PUB drops, PUSH and REQ wait, who receives stops reading (so that the other side's mark is reached).
   */
  highWaterMark?: number;
  /** The same in bytes; one message is always taken, however large. Default 64 MiB. */
  highWaterBytes?: number;
  /** The largest frame accepted from a peer. Default 64 MiB. */
  maxFrameBytes?: number;
  /** The largest message accepted from a peer, all its frames together. Default 64 MiB. */
  maxMessageBytes?: number;
  /** The most frames that a message may have. Default 65,536. */
  maxFrames?: number;
  /** How long a connection may take until both sides have introduced themselves. Default 10,000. */
  handshakeMs?: number;
  /** First pause before connecting again, doubled at each failure; always shortened by chance, up to half. Default 50. */
  reconnectMs?: number;
  /** The longest such pause. Default 2,000. */
  reconnectMaxMs?: number;
  /** Ask a silent peer for a sign of life this often; 0 never does. Default 0. What is asked of us is answered anyway. */
  heartbeatMs?: number;
  /** How long a peer may be silent then. Default: three times `heartbeatMs`. */
  heartbeatTimeoutMs?: number;
  /** How long `close()` goes on sending what waits. Default 1,000; `Infinity` waits for all of it. */
  lingerMs?: number;
  /** Hears of connections made, lost and refused. */
  onEvent?: (event: SocketEvent) => void;
}

/** All options, with the defaults in place of what was not given. */
export interface Settings extends Required<Omit<SocketOptions, "onEvent">> {
  onEvent: ((event: SocketEvent) => void) | undefined;
}

const MIB = 1024 * 1024;

const DEFAULTS = {
  highWaterMark: 1000,
  highWaterBytes: 64 * MIB,
  maxFrameBytes: 64 * MIB,
  maxMessageBytes: 64 * MIB,
  maxFrames: 65_536,
  handshakeMs: 10_000,
  reconnectMs: 50,
  reconnectMaxMs: 2_000,
  heartbeatMs: 0,
  lingerMs: 1_000,
} as const;

/** These make no sense as 0. */
const POSITIVE = new Set([
  "highWaterMark",
  "highWaterBytes",
  "maxFrames",
  "handshakeMs",
  "reconnectMs",
  "reconnectMaxMs",
]);

/** @throws ZmtpUsageError for a number that cannot be */
export function settingsOf(options: SocketOptions): Settings {
  const heartbeatTimeoutMs = options.heartbeatTimeoutMs ?? 3 * (options.heartbeatMs ?? 0);
  const { onEvent, ...given } = { ...options, heartbeatTimeoutMs };
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && !isAllowed(name, value)) {
      const least = POSITIVE.has(name) ? "above 0" : "of 0 or more";
      throw new ZmtpUsageError(`option ${name}: expected a number ${least}, got ${String(value)}`);
    }
  }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...DEFAULTS, heartbeatTimeoutMs, ...set, onEvent };
}

function isAllowed(name: string, value: unknown): boolean {
  return typeof value === "number" && (POSITIVE.has(name) ? value > 0 : value >= 0);
}
