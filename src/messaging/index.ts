// Messaging: the wire, and the one who speaks on it.
export { type Decoded, decode, type Envelope, encode, type Meta, MetaSource, randomToken } from "./envelope.ts";
export { askJetStream, type JetStreamAnswer, type JetStreamFault, JsError, streamsOf } from "./jetstream.ts";
export { Messenger, type MessengerOptions, type MessengerState, type OpenOptions } from "./messenger.ts";
export type { OutboxLimits } from "./outbox.ts";
export { readToEnd } from "./read-to-end.ts";
export type { ReportSink } from "./report-sink.ts";
export {
  type AskOptions,
  askRpc,
  LARGEST_REQUEST,
  RpcNoResponderError,
  RpcRefusedError,
  RpcTimeoutError,
} from "./rpc.ts";
export { type Announcement, type RpcCall, type RpcHandler, RpcServer, type RpcServerOptions } from "./rpc-server.ts";
export { readLastPerSubject, type Snapshot, streamName } from "./snapshot.ts";
export { StandingSubscriptions } from "./standing.ts";
export { type RegistryEvent, Subjects } from "./subjects.ts";
export { fromWireTimestamp, toWireTimestamp, type WireTimestamp } from "./timestamp.ts";
export { type BadMessage, LARGEST_REPORT, type WireMessage } from "./wire-message.ts";
