// Errors of the monitoring library: all of them are mistakes in the program that uses it.
import { TcsError } from "../common/errors.ts";

/**
 * A monitor cannot be added where it was to be.
 * @cause A monitor was made a part of itself, or something that is no monitor was made a part.
 * @remedy Correct the program: a tree of monitors has no circles, and one copy of ocabox-tcs.
 * @example monitor "mount" cannot be a part of "dome": that would be a circle
 */
export class MonitorTreeError extends TcsError {
  override readonly code = "E_MONITOR_TREE";
}

/**
 * A monitor cannot have this name, or this option.
 * @cause A monitor was given a name, an interval or a connection that it cannot have.
 * @remedy Correct the program: the line says what is expected.
 * @example a monitor's name was "": expected a text of 1 to 200 characters
 */
export class MonitorOptionError extends TcsError {
  override readonly code = "E_MONITOR_OPTION";
}
