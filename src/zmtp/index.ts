// ZeroMQ sockets in TypeScript: ZMTP 3.0 over TCP, mechanism NULL. Public as "ocabox-tcs/zmtp".
export {
  NotZmtpError,
  ZmtpBindError,
  ZmtpClosedError,
  ZmtpConnectError,
  ZmtpError,
  ZmtpFullError,
  ZmtpHandshakeError,
  ZmtpLimitError,
  ZmtpMessageError,
  ZmtpPeerLostError,
  ZmtpPeerTypeError,
  ZmtpProtocolError,
  ZmtpTimeoutError,
  ZmtpTurnError,
  ZmtpUsageError,
} from "./errors.ts";
export type { SocketEvent } from "./events.ts";
export {
  decodeTask,
  decodeTopicMessage,
  encodeTask,
  encodeTopicMessage,
  HEARTBEAT_INTERVAL_MS,
  type Heartbeat,
  heartbeat,
  type JsonMessage,
  type TopicMessage,
} from "./experimance.ts";
export type { Frame, Message } from "./frame.ts";
export type { SocketOptions } from "./options.ts";
export { Publisher, type PublisherOptions } from "./publisher.ts";
export { Pull } from "./pull.ts";
export { Push, type PushOptions } from "./push.ts";
export { ReceivingSocket } from "./receiver.ts";
export { Reply, type ReplyOptions } from "./reply.ts";
export { Request, type RequestOptions } from "./request.ts";
export { ZmtpSocket } from "./socket.ts";
export type { SocketType } from "./socket-type.ts";
export { Subscriber, type SubscriberOptions } from "./subscriber.ts";
export { type TopicHandler, TopicHandlers } from "./topic-handlers.ts";
export type { WaitOptions } from "./waiters.ts";
