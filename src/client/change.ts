// What changed between two looks at one thing, and whether that is worth telling.
import type { Json } from "../common/json.ts";
import type { ServiceInfo } from "./service-info.ts";

/** Something that happened to a service, a launcher, or anything else that is monitored. */
export interface FleetChange {
  /**
   * - `known`: it was there when following began;
   * - `start`: it runs, and did not before, or has been started anew since;
   * - `stop`: it has ended, well or not: `service` tells;
   * - `update`: anything else, from a new message to a heartbeat that became stale;
   * - `gone`: the broker has nothing of it any more. `service` is what was last known.
   */
  type: "known" | "start" | "stop" | "update" | "gone";
  service: ServiceInfo;
  /** As it was before; absent for what is new. */
  previous?: ServiceInfo;
}

/** Two starts are told apart if they are further apart than this, milliseconds: some are reckoned from uptimes. */
const START_TOLERANCE_MS = 2_000;

/** The change from `previous` to `service`; undefined if only time has passed, or a heartbeat come as expected. */
export function changeOf(previous: ServiceInfo | undefined, service: ServiceInfo): FleetChange | undefined {
  const before = previous === undefined ? {} : { previous };
  if (isUp(service) && (!isUp(previous) || isAnew(previous, service))) return { type: "start", service, ...before };
  if (isUp(previous) && !isUp(service)) return { type: "stop", service, ...before };
  return previous !== undefined && isSame(previous, service) ? undefined : { type: "update", service, ...before };
}

/** There is something that runs, however badly: a service in error has not ended, one that waits for its restart has. */
function isUp(info: ServiceInfo | undefined): boolean {
  if (!info || hasEnded(info)) return false;
  if (info.running) return true;
  // Of what nobody looks after, "failed" is the last word.
  return info.reportedStatus === "error" || (info.reportedStatus === "failed" && !info.ephemeral);
}

function hasEnded({ stopTime, restartState, crashTime, startTime, running }: ServiceInfo): boolean {
  if (stopTime !== undefined || restartState === "restarting" || restartState === "failed") return true;
  if (crashTime === undefined) return false;
  // Without a start since, it may have been started by hand.
  if (startTime === undefined) return !running;
  return crashTime > startTime || (crashTime === startTime && restartState !== "recovered");
}

function isAnew(previous: ServiceInfo | undefined, { startTime }: ServiceInfo): boolean {
  return isLater(previous?.startTime, startTime);
}

function isLater(before: number | undefined, after: number | undefined): boolean {
  return before !== undefined && after !== undefined && after - before > START_TOLERANCE_MS;
}

/** What every heartbeat, or time alone, changes. */
const PASSING: ReadonlySet<string> = new Set<keyof ServiceInfo>([
  "heartbeatTime",
  "heartbeatAgeSeconds",
  "uptimeSeconds",
  "lastSeen",
]);

function isSame(one: ServiceInfo, other: ServiceInfo): boolean {
  // Its words count the seconds of silence.
  const isSilent = one.status === other.status && (one.status === "stale" || one.status === "dead");
  // Both have all keys, also of what is undefined.
  for (const key of Object.keys(other) as (keyof ServiceInfo)[]) {
    if (PASSING.has(key) || (key === "reason" && isSilent)) continue;
    if (key === "startTime") {
      if (isLater(one.startTime, other.startTime) || isLater(other.startTime, one.startTime)) return false;
      continue;
    }
    // Plain data, all of it.
    if (!isEqual(one[key] as Json | undefined, other[key] as Json | undefined)) return false;
  }
  return true;
}

function isEqual(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    return one.every((item, i) => isEqual(item, other[i]));
  }
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => isEqual(one[key], other[key]));
}
