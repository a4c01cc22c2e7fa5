// What can go wrong with messages, as errors.
import { TcsError } from "../common/errors.ts";

/**
 * No stream on the broker stores the subject: there is nothing to read.
 * @cause No stream on the broker stores the subject, so nothing of the past can be read.
 * @remedy Make a stream for it on the broker, or read it live.
 * @example no stream on this broker stores svc.progress.>
 */
export class NoStreamError extends TcsError {
  override readonly code = "E_NO_STREAM";
}

/**
 * Nothing came in the time given.
 * @cause No message came in the time given.
 * @remedy Make sure that somebody publishes on this very subject; give more time.
 * @example no message on svc.telemetry.weather in the time given
 */
export class ReadTimeoutError extends TcsError {
  override readonly code = "E_READ_TIMEOUT";
}

/**
 * A message was not sent, and will not be: `message` says why.
 * @cause A message was not sent, and will not be: no broker, too large, or the messenger was closed.
 * @remedy Publish by a publisher that buffers what may not be lost; make large messages smaller.
 * @example svc.telemetry.weather: the broker is away
 */
export class NotSentError extends TcsError {
  override readonly code: string = "E_NOT_SENT";
}

/**
 * The buffer for messages is full, and its policy is to refuse.
 * @cause So many messages wait for the broker that the buffer is full, and its policy is to refuse more.
 * @remedy Bring the broker back; a larger buffer or a policy that drops the oldest suits what may be lost.
 * @example svc.telemetry.weather: the buffer for messages is full (10000 messages, 67108864 bytes)
 */
export class BufferFullError extends NotSentError {
  override readonly code = "E_BUFFER_FULL";
}

/**
 * Data does not fit its schema.
 * @cause What is published or read does not fit the schema that the program has given.
 * @remedy Correct the sender, or the schema; each fault names the field.
 * @example svc.telemetry.weather: the data does not fit its schema (temperature: expected number)
 */
export class SchemaError extends TcsError {
  override readonly code = "E_SCHEMA";
  /** One line for each fault, as `temperature: expected number`. */
  readonly issues: readonly string[];

  constructor(subject: string, issues: readonly string[]) {
    super(`${subject}: the data does not fit its schema (${issues.join("; ")})`);
    this.issues = issues;
  }
}

/**
 * Something was given to a messenger that it cannot use: a subject, an option.
 * @cause A subject with spaces or empty parts, a policy or a time that is none, a callback that is no function.
 * @remedy Correct what the message names; TypeScript finds most of it before.
 * @example night.a: deliverPolicy is "lsat", expected all, last, new, by_start_time, last_per_subject
 */
export class MessengerOptionError extends TcsError {
  override readonly code = "E_MESSENGER_OPTION";
}

/**
 * The messenger, or the part of it that was used, is closed.
 * @cause A messenger, or a part of it, was used after it was closed.
 * @remedy End what uses it before it is closed; a service closes its own at its end.
 * @example the messenger is closed
 */
export class ClosedError extends TcsError {
  override readonly code = "E_CLOSED";
}
