// What went wrong in a service: told to its log, and kept for its exit.
import { placeOf } from "../common/error-place.ts";
import { describeError, TcsError } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import type { ServiceExit } from "./exit.ts";

/** One line saying what went wrong, and where in the author's own file. */
export type Fault = Required<Pick<ServiceExit, "error">> & Pick<ServiceExit, "place">;

/** Logs what went wrong. @returns the same, for the exit */
export function tellFault(logger: Logger, what: string, cause: unknown): Fault {
  const error = describeError(cause);
  const place = placeOf(cause);
  logger.error(`${what}: ${error}${place === undefined ? "" : ` (${place})`}`);
  if (cause instanceof TcsError && cause.hint) logger.error(cause.hint);
  if (cause instanceof Error && cause.stack) logger.debug(cause.stack);
  return { error, ...(place === undefined ? {} : { place }) };
}
