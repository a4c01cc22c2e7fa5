// Whose clock is right: the reader's, unless every sign of life comes from its future.
import type { ServiceRecord } from "./fleet-state.ts";

/** A heartbeat dated further than this in the future is no proof of life, milliseconds. */
export const FUTURE_MS = 30_000;

/**
 * The time to reckon ages by. If not one heartbeat is recent by the reader's clock but some lie in its future, the
 * reader's clock is behind, and the newest heartbeat stands for now. If some are recent, the clock is right and those
 * in the future were sent before a clock was set back.
 */
export function effectiveNow(records: Iterable<ServiceRecord>, now: number): number {
  let newest = now;
  for (const { heartbeat } of records) {
    if (!heartbeat) continue;
    if (Math.abs(heartbeat.arrived - now) <= FUTURE_MS) return now;
    newest = Math.max(newest, heartbeat.arrived);
  }
  return newest;
}
