// What a command says when it cannot read what the broker has stored.
import { TcsError } from "../common/errors.ts";

/**
 * A stream of the broker cannot be read; `message` says which, and why.
 * @cause The broker does not give what its streams have stored: JetStream is off, overloaded, or forbidden to this
 *   user.
 * @remedy Look at "tcs doctor": it names the stream, the right or the disk that is missing.
 * @example cannot read the fleet from nats://127.0.0.1:4222: the broker runs without JetStream
 */
export class StreamUnreadableError extends TcsError {
  override readonly code: string = "E_STREAM_UNREADABLE";
}
