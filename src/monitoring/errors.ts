// Errors of the monitoring library: all of them are mistakes in the program that uses it.
import { TcsError } from "../common/errors.ts";

/** A monitor cannot be added where it was to be. */
export class MonitorTreeError extends TcsError {
  override readonly code = "E_MONITOR_TREE";
}

/** A monitor cannot have this name, or this option. */
export class MonitorOptionError extends TcsError {
  override readonly code = "E_MONITOR_OPTION";
}
