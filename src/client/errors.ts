// What can go wrong when a fleet is looked at or asked.
import { TcsError } from "../common/errors.ts";

/**
 * A service does not answer; `message` says why, as far as it is known.
 * @cause A service does not answer: it does not run, hangs, or its launcher is gone.
 * @remedy Look at "tcs why SERVICE"; restart it ("tcs restart SERVICE"), or start its launcher.
 * @example dome.main does not answer: its launcher is dead; last said ok
 */
export class ServiceSilentError extends TcsError {
  override readonly code = "E_SERVICE_SILENT";
}

/**
 * A client was asked for what it knows only while it follows the fleet.
 * @cause A program asked the client for what it knows only while it follows the fleet.
 * @remedy Call startFollowing() first, or listServices(), which reads it once.
 * @example the fleet is not followed
 */
export class NotFollowingError extends TcsError {
  override readonly code = "E_NOT_FOLLOWING";
}
