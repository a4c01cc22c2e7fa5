// How alive a service is, by its last heartbeat.
import { FUTURE_MS } from "./clock.ts";
import type { HeartbeatFact } from "./facts.ts";
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
}

export function pulse(beat: HeartbeatFact | undefined, now: number, expected: Expectation): Pulse {
  const ageSeconds = beat && Math.max(0, (now - beat.at) / 1000);
  const future = beat !== undefined && beat.at > now + FUTURE_MS;
  return { state: judge(beat, now, expected, future), time: beat?.at, ageSeconds, future };
}

function judge(beat: HeartbeatFact | undefined, now: number, expected: Expectation, future: boolean): HeartbeatState {
  if (!expected.running) return "none";
  if (future) return "stale";
  if (beat && beat.at > expected.lifeBegan) return byAge((now - beat.at) / 1000);
  const waitedSeconds = (now - expected.firstSeen) / 1000;
  // Never a beat: a zombie, as soon as one must have come.
  if (!beat) return waitedSeconds < (expected.starting ? STALE_AFTER_S : FIRST_BEAT_S) ? "none" : "dead";
  // The last beat is of an earlier life: the next may take as long as any beat may take.
  return waitedSeconds < STALE_AFTER_S ? "none" : byAge(waitedSeconds);
}

function byAge(seconds: number): HeartbeatState {
  if (seconds < STALE_AFTER_S) return "alive";
  return seconds < DEAD_AFTER_S ? "stale" : "dead";
}
