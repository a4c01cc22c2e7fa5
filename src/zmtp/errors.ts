// What can go wrong between ZeroMQ sockets, in plain words: one class per failure.
import { ExitCode, TcsError } from "../common/errors.ts";

/**
 * The family of all errors of this room.
 * @cause The family of all errors of ZeroMQ sockets; it is thrown only as one of those below.
 * @remedy See the kinds below.
 * @example tcp://127.0.0.1:5555: the address is in use
 */
export class ZmtpError extends TcsError {
  override readonly code: string = "E_ZMTP";
}

/**
 * An option or an address is not what it has to be.
 * @cause An option or an address of a ZeroMQ socket is not what it has to be.
 * @remedy Write addresses as tcp://HOST:PORT; the line says what is expected of an option.
 * @example tcp://*:5555: "*" is for binding; expected a host to connect to
 */
export class ZmtpUsageError extends ZmtpError {
  override readonly code: string = "E_ZMTP_USAGE";
  override readonly exitCode: number = ExitCode.usage;
}

/**
 * A socket cannot bind: the address is in use, or not one of this host.
 * @cause A ZeroMQ socket cannot listen at its address: it is in use, not of this host, or takes root.
 * @remedy End who has it, or give another address.
 * @example tcp://127.0.0.1:5555: the address is in use
 */
export class ZmtpBindError extends ZmtpError {
  override readonly code: string = "E_ZMTP_BIND";
}

/**
 * Nobody can be reached at an address. It is tried again.
 * @cause Nobody can be reached at an address; it is tried again.
 * @remedy Start the other side; make sure that host and port are right.
 * @example tcp://127.0.0.1:5555: cannot connect: connection refused
 */
export class ZmtpConnectError extends ZmtpError {
  override readonly code: string = "E_ZMTP_CONNECT";
}

/**
 * A handshake failed: it was refused, took too long, or broke off.
 * @cause Two ZeroMQ sockets did not agree: the other one refused, took too long, wants a login, or broke off.
 * @remedy Make sure that the other side uses no authentication (mechanism NULL), and is well.
 * @example the peer wants the mechanism "PLAIN", expected NULL
 */
export class ZmtpHandshakeError extends ZmtpError {
  override readonly code: string = "E_ZMTP_HANDSHAKE";
}

/**
 * What is at the other end does not speak ZMTP 3.
 * @cause What is at the other end is not ZeroMQ, or older than version 4.
 * @remedy Make sure that the port is of a ZeroMQ program of version 4 or newer.
 * @example the peer speaks an older ZMTP than 3.0
 */
export class NotZmtpError extends ZmtpHandshakeError {
  override readonly code: string = "E_ZMTP_NOT_ZMTP";
}

/**
 * The peer's socket is of a type that does not go with ours, as a PUB with a PULL.
 * @cause The socket at the other end is of a type that does not go with ours.
 * @remedy Turn one side round: PUB goes with SUB, PUSH with PULL, REQ with REP.
 * @example the peer is a socket of type "PULL", expected SUB or XSUB
 */
export class ZmtpPeerTypeError extends ZmtpHandshakeError {
  override readonly code: string = "E_ZMTP_PEER_TYPE";
}

/**
 * A peer broke the protocol: its connection is closed.
 * @cause A peer broke the protocol: its connection was closed.
 * @remedy Look at what runs at the other end; another program than ZeroMQ may have connected.
 * @example the peer sent a command without a name
 */
export class ZmtpProtocolError extends ZmtpError {
  override readonly code: string = "E_ZMTP_PROTOCOL";
}

/**
 * A peer sent more than the limits allow: its connection is closed.
 * @cause A peer sent more than the limits of the socket allow: its connection was closed.
 * @remedy Raise the limit (maxMessageBytes and others) if such messages are meant to be.
 * @example a message has 134217728 bytes, at most 67108864 are accepted
 */
export class ZmtpLimitError extends ZmtpProtocolError {
  override readonly code: string = "E_ZMTP_LIMIT";
}

/**
 * A peer fell silent, or its connection was lost.
 * @cause A peer fell silent, or its connection was lost.
 * @remedy Nothing: it is connected again when it is there; ask again what was not answered.
 * @example tcp://127.0.0.1:5555 has gone before it answered
 */
export class ZmtpPeerLostError extends ZmtpError {
  override readonly code: string = "E_ZMTP_PEER_LOST";
}

/**
 * A REQ or REP socket was used out of turn.
 * @cause A REQ or REP socket was used out of turn: they send and receive by turns.
 * @remedy Correct the program: a request, then its answer.
 * @example the REP socket has no request to answer
 */
export class ZmtpTurnError extends ZmtpError {
  override readonly code: string = "E_ZMTP_TURN";
}

/**
 * The socket is closed.
 * @cause A ZeroMQ socket was used after it was closed.
 * @remedy End what uses it before it is closed.
 * @example the PUSH socket is closed
 */
export class ZmtpClosedError extends ZmtpError {
  override readonly code: string = "E_ZMTP_CLOSED";
}

/**
 * Something did not come about in time.
 * @cause Something asked of a ZeroMQ socket did not come about in the time given.
 * @remedy Make sure that the other side is there; give more time.
 * @example receive: not within 1000 ms
 */
export class ZmtpTimeoutError extends ZmtpError {
  override readonly code: string = "E_ZMTP_TIMEOUT";
}

/**
 * Too many sends wait already: they were not awaited.
 * @cause More sends wait than the high-water mark allows, because nobody awaits them.
 * @remedy Await each send, or raise highWaterMark.
 * @example 1000 sends of the PUSH socket wait already
 */
export class ZmtpFullError extends ZmtpError {
  override readonly code: string = "E_ZMTP_FULL";
}

/**
 * A message is not of the form that it should have.
 * @cause A message is not of the form that its topic or its receiver expects.
 * @remedy Correct the sender: a topic, then a JSON object.
 * @example expected a JSON object, got "hello"
 */
export class ZmtpMessageError extends ZmtpError {
  override readonly code: string = "E_ZMTP_MESSAGE";
}
