// What a page is told of a service: no more than it shows.
import { HEALTH_OF } from "../client/health.ts";
import { type ChildInfo, type ServiceInfo, summarize } from "../client/index.ts";
import type { TimelineEntry } from "../client/timeline/index.ts";
import { visible } from "../common/log-line.ts";
import type { ToldEntry, ToldPart, ToldService, ToldSummary } from "./told.ts";

/** Of one service, on each level. */
const MOST_PARTS = 50;
/** How many of those in trouble are named at the top. */
const MOST_NAMED = 3;

export function toldSummary(fleet: Iterable<ServiceInfo>): ToldSummary {
  const { status, services, running, problems } = summarize(fleet);
  return {
    status: status === "shutdown" ? "stopped" : status,
    health: HEALTH_OF[status],
    services,
    running,
    worst: problems.slice(0, MOST_NAMED).map((problem) => ({ serviceId: problem.serviceId, status: problem.status })),
    troubled: problems.length,
  };
}

export function toldOf(info: ServiceInfo): ToldService {
  const { serviceId, kind, health, parent, host, pid, running, current, ephemeral } = info;
  const { heartbeatTime, startTime, timetable } = info;
  return {
    ...{ serviceId, kind, health, parent, host, pid, running, current, ephemeral, heartbeatTime, startTime },
    // It is over: what it was doing then is no news.
    status: health === "stopped" && info.status === "shutdown" ? "stopped" : info.status,
    words: visible(wordsOf(info)),
    declared: info.declared && !info.removed,
    restarts: info.restartAttempt,
    exitCode: info.crashExitCode,
    timetable: timetable && { schedule: timetable.schedule, nextRun: timetable.nextRun },
    parts: partsOf(info.children),
  };
}

export function toldEntries(entries: readonly TimelineEntry[]): ToldEntry[] {
  return entries
    .filter(({ minor }) => !minor)
    .map(({ time, serviceId, severity, text }) => ({ time, serviceId, severity, text: visible(text) }));
}

function wordsOf({ heldBy, reason, message }: ServiceInfo): string {
  if (heldBy) return `stopped by ${heldBy.by}${heldBy.reason === undefined ? "" : `: ${heldBy.reason}`}`;
  return reason ?? message ?? "";
}

function partsOf(children: readonly ChildInfo[]): ToldPart[] {
  return children.slice(0, MOST_PARTS).map(({ name, status, message, children: below }) => ({
    name: visible(name),
    status,
    health: HEALTH_OF[status],
    message: message && visible(message),
    parts: partsOf(below),
  }));
}
