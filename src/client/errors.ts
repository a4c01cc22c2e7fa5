// What can go wrong when a fleet is looked at or asked.
import { TcsError } from "../common/errors.ts";

/** A service does not answer; `message` says why, as far as it is known. */
export class ServiceSilentError extends TcsError {
  override readonly code = "E_SERVICE_SILENT";
}

/** A client was asked for what it knows only while it follows the fleet. */
export class NotFollowingError extends TcsError {
  override readonly code = "E_NOT_FOLLOWING";
}
