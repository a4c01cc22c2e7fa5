// The fleet in one line: worst wins, and what is wrong, in words.
import { isHealthy, isStatus } from "../monitoring/status.ts";
import type { ServiceInfo, ShownStatus } from "./service-info.ts";

/** Something that is not as it should be. */
export interface Problem {
  serviceId: string;
  kind: ServiceInfo["kind"];
  status: ShownStatus;
  /** Why, in words. */
  reason: string;
}

export interface FleetSummary {
  /**
   * The worst status among what should be there; `shutdown` when all is stopped; `unknown` when nothing is known, or
   * when the last that was there was lost more than a day ago.
   */
  status: ShownStatus;
  /**
   * True when everything that should run is healthy: each launcher, and each declared service that was not stopped on
   * purpose. Services run by hand do not count. False when nothing at all is known, or all was lost.
   */
  healthy: boolean;
  launchers: number;
  /** Services (not launchers) that run or should run. */
  services: number;
  /** Of these, the ones that run and are not dead. */
  running: number;
  /** Known services that were stopped on purpose, or had ended before their launcher was. */
  stopped: number;
  /** How many of `services` and `launchers` have each status. */
  counts: Partial<Record<ShownStatus, number>>;
  /** Worst first. */
  problems: Problem[];
}

const WORST_FIRST: readonly ShownStatus[] = [
  "failed",
  "error",
  "dead",
  "stale",
  "warning",
  "degraded",
  "unknown",
  "startup",
  "busy",
  "idle",
  "ok",
  "shutdown",
];

/** Sums up a fleet: give it everything known, as `listServices({ includeStopped: true })` does. */
export function summarize(services: Iterable<ServiceInfo>): FleetSummary {
  const summary: FleetSummary = {
    status: "unknown",
    healthy: true,
    launchers: 0,
    services: 0,
    running: 0,
    stopped: 0,
    counts: {},
    problems: [],
  };
  const troubled: ServiceInfo[] = [];
  let worst = WORST_FIRST.length;
  let known = false;
  let lost = false;
  for (const info of services) {
    if (info.removed) continue;
    known ||= info.fresh || info.declared;
    const isResting = (info.heldBy !== undefined || info.timetable !== undefined) && info.health === "stopped";
    if (!info.current || isResting) {
      if (info.health === "dead" && (info.declared || info.kind === "launcher")) lost = true;
      if (info.health === "stopped" && info.kind === "service" && (info.declared || info.fresh)) summary.stopped++;
      continue;
    }
    if (info.kind === "launcher") summary.launchers++;
    else {
      summary.services++;
      if (info.running && !info.zombie) summary.running++;
    }
    summary.counts[info.status] = (summary.counts[info.status] ?? 0) + 1;
    worst = Math.min(worst, rank(info.status, info));
    if (info.reason !== undefined) troubled.push(info);
    if (!isWell(info) && (info.declared || info.kind === "launcher")) summary.healthy = false;
  }
  const anyCurrent = summary.launchers + summary.services > 0;
  summary.status = WORST_FIRST[worst] ?? (known && !lost ? "shutdown" : "unknown");
  // Others that run may be all there is by now; but if nothing is left, that is not health.
  summary.healthy &&= known && (anyCurrent || !lost);
  const blamed = new Set(troubled.filter(({ kind }) => kind === "service").map(({ parent }) => parent));
  summary.problems = troubled
    // A launcher that speaks only echoes its services' trouble; one that is silent is the trouble.
    .filter((info) => info.kind === "service" || isSilent(info) || !blamed.has(info.serviceId))
    .sort(worstFirst)
    .map(({ serviceId, kind, status, reason = "" }) => ({ serviceId, kind, status, reason }));
  return summary;
}

/** Healthy by its status and not in doubt for want of a launcher. */
function isWell(info: ServiceInfo): boolean {
  return isStatus(info.status) && isHealthy(info.status);
}

function isSilent(info: ServiceInfo): boolean {
  return info.status === "dead" || info.status === "stale";
}

/** An otherwise healthy service in doubt (its launcher is gone) ranks as a warning; one that is degraded is no more than that. */
function rank(status: ShownStatus, info: ServiceInfo): number {
  const own = WORST_FIRST.indexOf(status);
  const inDoubt = info.health === "warning" && status !== "degraded";
  return inDoubt ? Math.min(own, WORST_FIRST.indexOf("warning")) : own;
}

function worstFirst(a: ServiceInfo, b: ServiceInfo): number {
  return (
    rank(a.status, a) - rank(b.status, b) ||
    // A dead launcher explains its dead services: it goes first.
    Number(b.kind === "launcher") - Number(a.kind === "launcher") ||
    (a.serviceId < b.serviceId ? -1 : 1)
  );
}
