// The symbols of the status views, and what each means: one table for the views and the legend.
import type { Health, HeartbeatState, RestartState, ServiceInfo } from "../../client/service-info.ts";
import type { Style } from "./colors.ts";

export interface Sign {
  unicode: string;
  ascii: string;
  style: Style;
  meaning: string;
}

export const HEALTH_SYMBOLS = {
  ok: { unicode: "●", ascii: "*", style: "green", meaning: "healthy: ok, idle or busy, with a heartbeat" },
  warning: {
    unicode: "◐",
    ascii: "!",
    style: "yellow",
    meaning: "warning: degraded, heartbeat stale, or no launcher looks after it",
  },
  failed: { unicode: "×", ascii: "x", style: "red", meaning: "error or failed: it says so, or it crashed" },
  dead: { unicode: "⚠", ascii: "X", style: "red", meaning: "dead: should be running, but no heartbeat comes" },
  starting: { unicode: "○", ascii: "o", style: "cyan", meaning: "starting" },
  stopped: { unicode: "○", ascii: "-", style: "dim", meaning: "stopped on purpose, or finished" },
  unknown: { unicode: "?", ascii: "?", style: "dim", meaning: "unknown: nothing has been heard of it" },
} as const satisfies Record<Health, Sign>;

export const HEART = { unicode: "♥", ascii: "hb" } as const;

export const HEARTBEAT_STYLES = {
  alive: "green",
  stale: "yellow",
  dead: "red",
  none: "dim",
} as const satisfies Record<HeartbeatState, Style>;

export const RESTART_SYMBOLS = {
  restarting: { unicode: "⟳", ascii: "restarting", style: "yellow", meaning: "being restarted after a crash" },
  failed: { unicode: "✗", ascii: "gave up", style: "red", meaning: "could not be restarted, or too often" },
  recovered: { unicode: "↻", ascii: "restarted", style: "cyan", meaning: "crashed within the last day, runs again" },
} as const satisfies Record<RestartState, Sign>;

/** `(2/5)`, `(7/∞)`; empty when there was no restart. */
export function restartCounter(info: ServiceInfo, unicode: boolean): string {
  const count = info.restartAttempt ?? info.restartCount;
  if (!count || !info.restartState) return "";
  if (info.restartMax === undefined) return `(${count})`;
  return `(${count}/${info.restartMax ?? (unicode ? "∞" : "unlimited")})`;
}
