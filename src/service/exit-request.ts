// `process.exit` in a service that shares its event loop: the end of the service, not of the process.
import { TcsError } from "../common/errors.ts";

/**
 * `process.exit(code)` called by a service that shares its event loop with others.
 * @cause A service that shares an event loop called process.exit: the service ends, the others go on.
 * @remedy Nothing, if the service meant it; else throw an error there.
 * @example the service called process.exit(3)
 */
export class ServiceExitRequest extends TcsError {
  override readonly code = "E_SERVICE_EXIT";
  readonly status: number;
  constructor(status: number) {
    super(`the service called process.exit(${status})`);
    this.status = status;
  }
}

/** The exit code of a service that ended because of `error`. */
export function exitCodeOf(error: unknown): number {
  return error instanceof ServiceExitRequest && error.status !== 0 ? error.status : 1;
}
