// What can go wrong with messages, as errors.
import { TcsError } from "../common/errors.ts";

/** No stream on the broker stores the subject: there is nothing to read. */
export class NoStreamError extends TcsError {
  override readonly code = "E_NO_STREAM";
}

/** Nothing came in the time given. */
export class ReadTimeoutError extends TcsError {
  override readonly code = "E_READ_TIMEOUT";
}

/** A message was not sent, and will not be: `message` says why. */
export class NotSentError extends TcsError {
  override readonly code: string = "E_NOT_SENT";
}

/** The buffer for messages is full, and its policy is to refuse. */
export class BufferFullError extends NotSentError {
  override readonly code = "E_BUFFER_FULL";
}

/** Data does not fit its schema. */
export class SchemaError extends TcsError {
  override readonly code = "E_SCHEMA";
  /** One line for each fault, as `temperature: expected number`. */
  readonly issues: readonly string[];

  constructor(subject: string, issues: readonly string[]) {
    super(`${subject}: the data does not fit its schema (${issues.join("; ")})`);
    this.issues = issues;
  }
}

/** The messenger, or the part of it that was used, is closed. */
export class ClosedError extends TcsError {
  override readonly code = "E_CLOSED";
}
