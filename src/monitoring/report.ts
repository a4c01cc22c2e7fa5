// The report form of a monitored object: in status messages, and recursively of its children.
import type { JsonObject } from "../common/json.ts";
import type { Status } from "./status.ts";

export interface StatusReport {
  name: string;
  /** Aggregate of the object and its children. */
  status: Status;
  message?: string;
  /** When this status was set, milliseconds since the epoch. */
  time: number;
  details?: {
    own_status?: Status;
    children?: StatusReport[];
    metrics?: JsonObject;
  };
}
