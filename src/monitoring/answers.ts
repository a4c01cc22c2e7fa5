// What a monitored object answers when it is asked: `health` and `stats` of PROTOCOL.
import type { JsonObject } from "../common/json.ts";
import { toWireTimestamp } from "../messaging/timestamp.ts";
import type { MonitoredObject } from "./monitored-object.ts";

/** Runs the checks, and tells what each said. Never rejects. */
export async function healthAnswer(id: string, monitor: MonitoredObject): Promise<JsonObject> {
  const status = await monitor.healthcheck();
  const { message } = monitor;
  return {
    service_id: id,
    status,
    timestamp: toWireTimestamp(),
    ...(message === undefined ? {} : { message }),
    checks: monitor.checks,
  };
}

/** How often something was asked, and how often that went wrong. */
export interface RequestCounts {
  asked: number;
  failed: number;
}

/**
 * All metrics, of every tier. Never rejects.
 * @param startedAtMs when it began, `performance.now()`
 * @param more what else there is to tell beside the metrics
 */
export async function statsAnswer(
  id: string,
  monitor: MonitoredObject,
  startedAtMs: number,
  { asked, failed }: RequestCounts,
  more: JsonObject = {},
): Promise<JsonObject> {
  const metrics = await monitor.metrics();
  return {
    service_id: id,
    timestamp: toWireTimestamp(),
    uptime_seconds: Math.round(performance.now() - startedAtMs) / 1000,
    stats: { ...metrics, ...more, counters: { rpc_requests: asked, rpc_errors: failed } },
  };
}
