// A stretch of the story in numbers, by service.
import type { TimelineEntry } from "./entry.ts";

export interface ServiceTally {
  serviceId: string;
  starts: number;
  crashes: number;
  restarts: number;
  /** Times its launcher gave it up. */
  failures: number;
  /** Changes to a status worse than ok. */
  troubles: number;
  /** Orders of operators. */
  orders: number;
}

/** One tally for each service of which there is an entry, in order of id. */
export function tally(entries: readonly TimelineEntry[]): ServiceTally[] {
  const tallies = new Map<string, ServiceTally>();
  for (const entry of entries) {
    const { serviceId, kind } = entry;
    const found = tallies.get(serviceId) ?? {
      serviceId,
      starts: 0,
      crashes: 0,
      restarts: 0,
      failures: 0,
      troubles: 0,
      orders: 0,
    };
    tallies.set(serviceId, found);
    if (kind === "started") found.starts += 1;
    if (kind === "crashed") found.crashes += 1;
    if (kind === "restarting") found.restarts += 1;
    if (kind === "failed") found.failures += 1;
    if (kind === "status" && entry.severity !== "info") found.troubles += 1;
    if (kind === "order" || (kind === "started" && entry.by !== undefined)) found.orders += 1;
  }
  return [...tallies.values()].sort((a, b) => (a.serviceId < b.serviceId ? -1 : 1));
}
