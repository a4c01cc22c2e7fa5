// Errors of the monitoring tree.
import { TcsError } from "../common/errors.ts";

/** A monitor cannot be added where it was to be. */
export class MonitorTreeError extends TcsError {
  override readonly code = "E_MONITOR_TREE";
}
