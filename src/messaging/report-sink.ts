// Where monitoring output goes, whoever carries it: a Messenger, or the channel of a worker to one.
import type { JsonObject } from "../common/json.ts";

/** Takes reports and never throws, blocks or fails: monitoring must not take a service down. */
export interface ReportSink {
  /** Something happened (status, registry): kept in order, and sent when the broker is back if it is away. */
  event(subject: string, data: JsonObject): void;
  /** A sign of life: sent now, or the latest one when the broker is back, and never one that is old. */
  beat(subject: string, data: JsonObject): void;
}
