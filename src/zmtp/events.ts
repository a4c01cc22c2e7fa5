// What a socket tells of its connections.
import type { ZmtpError } from "./errors.ts";
import type { SocketType } from "./socket-type.ts";

/** Something that happened to a connection. `address` is ours where we are bound, else the one we connect to. */
export type SocketEvent =
  /** A socket is bound. */
  | { type: "listening"; address: string }
  /** A peer has introduced itself: messages can go to and fro. */
  | { type: "connected"; address: string; remote: string; peer: SocketType }
  /** A connection has ended; `error` tells why, unless the peer closed it in order. */
  | { type: "disconnected"; address: string; remote: string; error?: ZmtpError }
  /** A connection did not come about; where we connect it is tried again after `retryMs`. */
  | { type: "failed"; address: string; error: ZmtpError; retryMs?: number };
