// Whether and when an ended service starts again: a pure function, after systemd's Restart=, RestartSteps= and
// StartLimit*=.
import { countOf } from "../common/plural.ts";
import type { RestartSettings } from "../config/types.ts";

/** The kinds of end that policies tell apart. */
export type ExitKind = "clean" | "failure" | "abnormal";

/** clean: code 0; abnormal: ended by a signal (negative) or a code above 128; failure: any other code. */
export function exitKind(code: number): ExitKind {
  if (code === 0) return "clean";
  return code < 0 || code > 128 ? "abnormal" : "failure";
}

export type RestartDecision =
  | { restart: true; delayMs: number; attempt: number }
  | { restart: false; reason: "policy" }
  | { restart: false; reason: "limit"; restarts: number };

export interface RestartInput {
  settings: RestartSettings;
  /** Exit code, negative for a signal. */
  code: number;
  /** Times of the restarts since the service was last healthy for long, milliseconds on a monotonic clock. */
  restarts: readonly number[];
  nowMs: number;
  /** From 0 to 1; default random. */
  jitter?: number;
}

/** Decides by policy, then by limit; the delay grows with the number of restarts in a row. */
export function decideRestart(input: RestartInput): RestartDecision {
  const { settings, code, restarts, nowMs } = input;
  if (!policyCovers(settings.policy, exitKind(code))) return { restart: false, reason: "policy" };
  const recent = restarts.filter((at) => at > nowMs - settings.windowMs).length;
  if (settings.max > 0 && recent >= settings.max) return { restart: false, reason: "limit", restarts: recent };
  const attempt = restarts.length + 1;
  return { restart: true, delayMs: restartDelayMs(settings, attempt, input.jitter), attempt };
}

/**
 * The delay before the `attempt`-th restart in a row (from 1): `restart_sec * restart_backoff ^ (attempt - 1)`, at most
 * `restart_sec_max`. A growing delay has up to a tenth added, so that services that fell together do not rise together.
 */
export function restartDelayMs(settings: RestartSettings, attempt: number, jitter = Math.random()): number {
  const { delayMs, backoff, maxDelayMs } = settings;
  if (backoff === 1) return delayMs;
  const grown = delayMs * backoff ** (attempt - 1);
  return Math.min(grown * (1 + jitter / 10), maxDelayMs);
}

/** What a decision means, for the log. @param ahead how many others, which crash too, start before it */
export function describeDecision(decision: RestartDecision, policy: RestartSettings["policy"], ahead: number): string {
  if (decision.restart) return describeDelay(decision.delayMs, ahead);
  return decision.reason === "limit" ? "restart limit reached" : `not restarted (restart: ${policy})`;
}

/** The restarts that still count for a service that ran for `ranMs`: none, once it was healthy for the window. */
export function restartsAfterRun(restarts: number[], ranMs: number, settings: RestartSettings): number[] {
  return ranMs >= settings.windowMs ? [] : restarts;
}

function policyCovers(policy: RestartSettings["policy"], kind: ExitKind): boolean {
  switch (policy) {
    case "no":
      return false;
    case "always":
      return true;
    case "on-failure":
      return kind !== "clean";
    case "on-abnormal":
      return kind === "abnormal";
    default:
      return policy satisfies never;
  }
}

/** `restarts at once`, `restarts in 5.0 s`, `restarts in 5.0 s, after 7 others that crash`. */
export function describeDelay(delayMs: number, ahead = 0): string {
  const seconds = (delayMs / 1000).toFixed(1);
  const others = ahead === 0 ? "" : `after ${countOf(ahead, "other")} that ${ahead === 1 ? "crashes" : "crash"}`;
  if (seconds === "0.0") return others === "" ? "restarts at once" : `restarts ${others}`;
  return others === "" ? `restarts in ${seconds} s` : `restarts in ${seconds} s, ${others}`;
}
