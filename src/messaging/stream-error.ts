// What a command says when it cannot read what the broker has stored.
import { TcsError } from "../common/errors.ts";

/** A stream of the broker cannot be read; `message` says which, and why. */
export class StreamUnreadableError extends TcsError {
  override readonly code: string = "E_STREAM_UNREADABLE";
}
