// What a launcher answers to a request that it cannot answer.
import { TcsError } from "../../common/errors.ts";

/** A request that a launcher cannot answer; the message is the answer. */
export class ControlError extends TcsError {
  override readonly code = "E_CONTROL";
}
