// The public Messenger, as "ocabox-tcs/messenger".

export { PermissionDeniedError } from "../messaging/permission.ts";
export { RpcNoResponderError, RpcTimeoutError } from "../messaging/rpc.ts";
export { fromWireTimestamp, toWireTimestamp, type WireTimestamp } from "../messaging/timestamp.ts";
export type { CallbackSubscriber, MessageCallback } from "./callback-subscriber.ts";
export type { CorePublisher } from "./core-publisher.ts";
export type { CoreSubscriber, CoreSubscriberHealth, CoreSubscriberOptions } from "./core-subscriber.ts";
export {
  BufferFullError,
  ClosedError,
  MessengerOptionError,
  NoStreamError,
  NotSentError,
  ReadTimeoutError,
  SchemaError,
} from "./errors.ts";
export type { DeliverPolicy, MissedMessages } from "./feed-start.ts";
export {
  JOURNAL_LEVELS,
  type JournalEntry,
  type JournalLevel,
  type JournalOptions,
  type JournalPublisher,
  type JournalReader,
} from "./journal.ts";
export type { DocumentListener, LiveDocument } from "./live-document.ts";
export { Messenger, type MessengerHealth, type MessengerOptions } from "./messenger.ts";
export type { BufferOptions, Outcome } from "./outgoing.ts";
export type { NewTask, ProgressPublisher, ProgressReader, ProgressReaderOptions, TaskChange } from "./progress.ts";
export { elapsedOf, fractionOf, isFinished, type ProgressTask, remainingOf } from "./progress-task.ts";
export type { OwnMeta, Published, Publisher, PublisherHealth, PublisherOptions } from "./publisher.ts";
export type { Reader, ReaderHealth, ReaderOptions } from "./reader.ts";
export type { NatsMeta, ReadFault, Received, ReceivedMeta } from "./received.ts";
export type { RequestOptions, RpcAnswer, RpcRequester } from "./rpc-requester.ts";
export type { Rpc, RpcCallback, RpcResponder, RpcResponderHealth, RpcResponderOptions } from "./rpc-responder.ts";
export { jsonSchema, type Schema } from "./schema.ts";
export type { SingleReader, SingleReaderOptions } from "./single-reader.ts";
