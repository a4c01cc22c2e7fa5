// How alive a service is, by its last heartbeat.
import { FUTURE_MS } from "./clock.ts";
import type { HeartbeatFact } from "./facts.ts";
import { deafSince, type Gap } from "./gaps.ts";
import type { Moment } from "./moment.ts";
import type { HeartbeatState } from "./service-info.ts";

/** Limits of PROTOCOL, seconds. */
export const STALE_AFTER_S = 30;
export const DEAD_AFTER_S = 120;
/**
 * A service that has never sent a heartbeat gets this long after its first sign of life, seconds: one interval, and
 * slack. The very first beat is lost when it comes before the broker or its streams are there.
 */
const FIRST_BEAT_S = 12;

export interface Pulse {
  state: HeartbeatState;
  time?: number | undefined;
  ageSeconds?: number | undefined;
  /** The heartbeat is dated in the future. */
  future: boolean;
}

export interface Expectation {
  /** Only something that runs is expected to have a heartbeat. */
  running: boolean;
  /** When its present life began, milliseconds since the epoch: older heartbeats say nothing about it. */
  lifeBegan: number;
  /** When it is known to have been there in this life, milliseconds since the epoch. */
  firstSeen: number;
  /** Still starting: it gets longer for its first heartbeat. */
  starting: boolean;
  /** When no heartbeat could have been heard. */
  gaps: readonly Gap[];
}

export function pulse(beat: HeartbeatFact | undefined, moment: Moment, expected: Expectation): Pulse {
  const ageSeconds = beat && moment.secondsSince(beat.at);
  const future = beat !== undefined && !moment.hasCome(beat.at - FUTURE_MS);
  return { state: judge(beat, moment, expected, future), time: beat?.at, ageSeconds, future };
}

function judge(
  beat: HeartbeatFact | undefined,
  moment: Moment,
  expected: Expectation,
  future: boolean,
): HeartbeatState {
  const { running, lifeBegan, firstSeen, starting, gaps } = expected;
  if (!running) return "none";
  if (future) return "stale";
  const isOlderThan = (seconds: number, time: number) => moment.hasCome(time + seconds * 1000 + deafSince(gaps, time));
  const byAge = (time: number) => {
    if (!isOlderThan(STALE_AFTER_S, time)) return "alive";
    return isOlderThan(DEAD_AFTER_S, time) ? "dead" : "stale";
  };
  if (beat && beat.at > lifeBegan) return byAge(beat.at);
  // Never a beat: a zombie, as soon as one must have come.
  if (!beat) return isOlderThan(starting ? STALE_AFTER_S : FIRST_BEAT_S, firstSeen) ? "dead" : "none";
  // The last beat is of an earlier life: the next may take as long as any beat may take.
  return isOlderThan(STALE_AFTER_S, firstSeen) ? byAge(firstSeen) : "none";
}
