// Whose word counts: the service's last status, or what its runner saw happen to it since.
import { isOperational, type Status } from "../monitoring/status.ts";
import { FUTURE_MS } from "./clock.ts";
import type { StatusFact } from "./facts.ts";
import type { ServiceRecord } from "./fleet-state.ts";
import { hasEnded, type Lifecycle } from "./lifecycle.ts";
import type { Moment } from "./moment.ts";

export interface Statement {
  status: Status;
  /** The status message that says so, if it was one. */
  said?: StatusFact | undefined;
  /** A failure the service reported in the life that ended: the cause, in its own words. */
  cause?: StatusFact | undefined;
  /** Alive again after its end without its runner: started by hand. */
  byHand: boolean;
}

/** The status to believe, before heartbeats are looked at. */
export function believe(record: ServiceRecord, life: Lifecycle, moment: Moment): Statement {
  const said = record.status;
  const none = { byHand: false };
  if (life.phase === undefined) {
    if (said && said.at >= life.lifeBegan) return { status: said.status, said, ...none };
    return { status: heartbeatStatus(record, life.lifeBegan) ?? said?.status ?? "unknown", said, ...none };
  }
  if (hasEnded(life) || life.phase === "restarting") {
    // Heartbeats do not count here: a monitor may outlive, in its process, the service it spoke for.
    if (said && isLater(said.at, life.phaseTime, moment)) {
      return { status: said.status, said, byHand: hasEnded(life) && isOperational(said.status) };
    }
    const cause = said && isFailure(said.status) && said.at >= (life.startTime ?? 0) ? said : undefined;
    // It said that it failed and then ended by itself: an exit code of 0 does not make that a success.
    if (cause && life.phase === "stop" && life.stopReason === "completed")
      return { status: cause.status, said, ...none };
    return { status: life.phaseStatus ?? "unknown", cause, ...none };
  }
  if (said && said.at >= life.lifeBegan && !isLastWord(said, life)) return { status: said.status, said, ...none };
  return { status: heartbeatStatus(record, life.lifeBegan) ?? life.phaseStatus ?? "unknown", ...none };
}

/** What ends a life, said before the present start, is not of the present life. */
function isLastWord({ status, at }: StatusFact, { startTime }: Lifecycle): boolean {
  return (status === "failed" || status === "shutdown") && startTime !== undefined && at < startTime;
}

export function isFailure(status: Status): boolean {
  return status === "failed" || status === "error";
}

/** A status dated in the reader's future, against an event that is not, proves nothing (a clock was set back). */
function isLater(saidAt: number, eventAt: number, moment: Moment): boolean {
  if (saidAt <= eventAt) return false;
  return moment.hasCome(saidAt - FUTURE_MS) || !moment.hasCome(eventAt - FUTURE_MS);
}

function heartbeatStatus(record: ServiceRecord, since: number): Status | undefined {
  const beat = record.heartbeat;
  return beat && beat.at >= since ? beat.status : undefined;
}
