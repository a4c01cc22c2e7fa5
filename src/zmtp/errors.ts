// What can go wrong between ZeroMQ sockets, in plain words: one class per failure.
import { ExitCode, TcsError } from "../common/errors.ts";

/** The family of all errors of this room. */
export class ZmtpError extends TcsError {
  override readonly code: string = "E_ZMTP";
}

/** An option or an address is not what it has to be. */
export class ZmtpUsageError extends ZmtpError {
  override readonly code: string = "E_ZMTP_USAGE";
  override readonly exitCode: number = ExitCode.usage;
}

/** A socket cannot bind: the address is in use, or not one of this host. */
export class ZmtpBindError extends ZmtpError {
  override readonly code: string = "E_ZMTP_BIND";
}

/** Nobody can be reached at an address. It is tried again. */
export class ZmtpConnectError extends ZmtpError {
  override readonly code: string = "E_ZMTP_CONNECT";
}

/** A handshake failed: it was refused, took too long, or broke off. */
export class ZmtpHandshakeError extends ZmtpError {
  override readonly code: string = "E_ZMTP_HANDSHAKE";
}

/** What is at the other end does not speak ZMTP 3. */
export class NotZmtpError extends ZmtpHandshakeError {
  override readonly code: string = "E_ZMTP_NOT_ZMTP";
}

/** The peer's socket is of a type that does not go with ours, as a PUB with a PULL. */
export class ZmtpPeerTypeError extends ZmtpHandshakeError {
  override readonly code: string = "E_ZMTP_PEER_TYPE";
}

/** A peer broke the protocol: its connection is closed. */
export class ZmtpProtocolError extends ZmtpError {
  override readonly code: string = "E_ZMTP_PROTOCOL";
}

/** A peer sent more than the limits allow: its connection is closed. */
export class ZmtpLimitError extends ZmtpProtocolError {
  override readonly code: string = "E_ZMTP_LIMIT";
}

/** A peer fell silent, or its connection was lost. */
export class ZmtpPeerLostError extends ZmtpError {
  override readonly code: string = "E_ZMTP_PEER_LOST";
}

/** A REQ or REP socket was used out of turn. */
export class ZmtpTurnError extends ZmtpError {
  override readonly code: string = "E_ZMTP_TURN";
}

/** The socket is closed. */
export class ZmtpClosedError extends ZmtpError {
  override readonly code: string = "E_ZMTP_CLOSED";
}

/** Something did not come about in time. */
export class ZmtpTimeoutError extends ZmtpError {
  override readonly code: string = "E_ZMTP_TIMEOUT";
}

/** Too many sends wait already: they were not awaited. */
export class ZmtpFullError extends ZmtpError {
  override readonly code: string = "E_ZMTP_FULL";
}

/** A message is not of the form that it should have. */
export class ZmtpMessageError extends ZmtpError {
  override readonly code: string = "E_ZMTP_MESSAGE";
}
