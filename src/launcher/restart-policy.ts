// Whether and when an ended service starts again: a pure function, after systemd's Restart= and StartLimit*=.
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
  /** Times of earlier restarts, milliseconds on a monotonic clock. */
  restarts: readonly number[];
  nowMs: number;
}

export function decideRestart({ settings, code, restarts, nowMs }: RestartInput): RestartDecision {
  if (!policyCovers(settings.policy, exitKind(code))) return { restart: false, reason: "policy" };
  const recent = restarts.filter((at) => at > nowMs - settings.windowMs).length;
  if (settings.max > 0 && recent >= settings.max) return { restart: false, reason: "limit", restarts: recent };
  return { restart: true, delayMs: settings.delayMs, attempt: recent + 1 };
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
