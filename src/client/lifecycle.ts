// Registry events folded in stream order: where the runner says a service stands.
import type { RegistryEvent } from "../messaging/subjects.ts";
import type { Status } from "../monitoring/status.ts";
import type { RegistryFact } from "./facts.ts";
import type { RestartState, ServiceInfo } from "./service-info.ts";

/** What the runner's events say, before the service's own words are heard. */
export interface Lifecycle
  extends Pick<
    ServiceInfo,
    | "parent"
    | "runnerId"
    | "host"
    | "pid"
    | "startTime"
    | "readyTime"
    | "stopTime"
    | "stopReason"
    | "exitCode"
    | "crashTime"
    | "crashExitCode"
    | "willRestart"
    | "restartPolicy"
    | "restartCount"
    | "restartAttempt"
    | "restartMax"
    | "declaredTime"
    | "heldBy"
    | "removal"
    | "timetable"
  > {
  /** The last event that moved the service; undefined when there is none but `declared`. */
  phase?: Exclude<RegistryEvent, "declared" | "ready">;
  /** When that event happened. */
  phaseTime: number;
  phaseStatus?: Status | undefined;
  /** Why it crashed, in its runner's words. */
  crashError?: string | undefined;
  failReason?: string | undefined;
  restartState?: RestartState | undefined;
  /**
   * Whatever the service said before this belongs to an earlier life. It is the event before `start`, not `start`
   * itself: some runners publish `start` only after the service has said "ok".
   */
  lifeBegan: number;
}

/** A first `start` without any event before it: how much older the service's own words may be, milliseconds. */
const START_SLACK_MS = 60_000;

/** True when the service is not running by its runner's word. */
export function hasEnded(life: Lifecycle): boolean {
  return life.phase === "stop" || life.phase === "crashed" || life.phase === "failed";
}

/** Between two runs of a timetable, or before the first: ended well, and not missing. */
export function restsUntilDue(life: Lifecycle): boolean {
  return life.timetable !== undefined && (life.phase === undefined || life.phase === "stop");
}

/** Folds the last event of each kind, in stream order. */
export function foldEvents(events: Iterable<RegistryFact>): Lifecycle {
  const life: Lifecycle = { phaseTime: Number.NEGATIVE_INFINITY, lifeBegan: Number.NEGATIVE_INFINITY };
  const inOrder = [...events].sort((a, b) => a.seq - b.seq);
  for (const event of inOrder) apply(life, event);
  return life;
}

function apply(life: Lifecycle, fact: RegistryFact): void {
  life.parent = fact.parent ?? life.parent;
  life.runnerId = fact.runnerId ?? life.runnerId;
  life.restartPolicy = fact.restartPolicy ?? life.restartPolicy;
  // Whatever happens to it shows that it is wanted again; only "ready" and "stopping" say nothing about that.
  if (fact.event !== "ready" && fact.event !== "stopping") {
    life.heldBy = fact.heldBy;
    life.removal = fact.removedBy === undefined ? undefined : { by: fact.removedBy, at: fact.at };
  }
  // A declaration without one takes it back.
  if (fact.timetable || fact.event === "declared") life.timetable = fact.timetable;
  switch (fact.event) {
    case "declared":
      life.declaredTime = fact.at;
      if (fact.heldBy) {
        endHeld(life, fact);
        return;
      }
      // A new round of the launcher; but a service that runs on through a reload keeps its life and its history.
      if (life.phase === undefined || hasEnded(life)) {
        forgetRestarts(life);
        life.lifeBegan = fact.at;
      }
      return;
    case "ready":
      life.readyTime = fact.at;
      return;
    case "start":
      life.startTime = fact.at;
      life.readyTime = undefined;
      life.stopTime = undefined;
      life.stopReason = undefined;
      life.exitCode = undefined;
      life.host = fact.host ?? life.host;
      life.pid = fact.pid ?? life.pid;
      if (life.restartState) life.restartState = "recovered";
      if (life.lifeBegan === Number.NEGATIVE_INFINITY) life.lifeBegan = fact.at - START_SLACK_MS;
      break;
    case "stopping":
      life.stopReason = fact.reason;
      if (life.phase !== "start") return;
      life.phase = "stopping";
      return;
    case "stop":
      life.stopTime = fact.at;
      life.stopReason = fact.reason;
      life.exitCode = fact.exitCode;
      life.lifeBegan = fact.at;
      forgetRestarts(life);
      break;
    case "crashed":
      life.crashTime = fact.at;
      life.crashExitCode = fact.exitCode;
      life.crashError = fact.error;
      life.exitCode = fact.exitCode;
      life.willRestart = fact.willRestart;
      life.restartState = fact.willRestart ? "restarting" : undefined;
      life.lifeBegan = fact.at;
      break;
    case "restarting":
      life.restartAttempt = fact.restartAttempt;
      life.restartMax = fact.restartMax;
      life.restartState = "restarting";
      life.lifeBegan = fact.at;
      break;
    case "failed":
      life.failReason = fact.reason;
      life.restartCount = fact.restartCount;
      life.restartState = "failed";
      life.lifeBegan = fact.at;
      break;
    default:
      fact.event satisfies never;
      return;
  }
  life.phase = fact.event;
  life.phaseTime = fact.at;
  life.phaseStatus = fact.status ?? IMPLIED[fact.event];
}

/** Its launcher has begun anew, and does not run it: an operator's stop counts, however its last life ended. */
function endHeld(life: Lifecycle, fact: RegistryFact): void {
  forgetRestarts(life);
  life.lifeBegan = fact.at;
  if (life.phase === "stop") return;
  life.stopTime = life.phase === undefined ? undefined : (fact.heldBy?.at ?? fact.at);
  life.phase = "stop";
  life.phaseTime = fact.at;
  life.phaseStatus = "shutdown";
}

/** For a runner that left the status out. */
const IMPLIED = {
  start: "startup",
  stop: "shutdown",
  crashed: "error",
  restarting: "startup",
  failed: "failed",
} as const;

function forgetRestarts(life: Lifecycle): void {
  life.restartState = undefined;
  life.restartAttempt = undefined;
  life.restartMax = undefined;
  life.restartCount = undefined;
  life.willRestart = undefined;
}
