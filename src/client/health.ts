// The verdict on one service, and why, in words.
import { describeSignal, signalName } from "../common/signal-codes.ts";
import { isOperational } from "../monitoring/status.ts";
import { explain } from "./culprit.ts";
import { formatDuration } from "./duration.ts";
import type { Pulse } from "./heartbeat.ts";
import { hasEnded, type Lifecycle, restsUntilDue } from "./lifecycle.ts";
import type { Health, ShownStatus } from "./service-info.ts";
import { isFailure, type Statement } from "./statement.ts";

export interface Verdict {
  status: ShownStatus;
  health: Health;
  reason?: string | undefined;
}

/** The health that a status stands for, when only the status is known. */
export const HEALTH_OF = {
  ok: "ok",
  idle: "ok",
  busy: "ok",
  degraded: "warning",
  warning: "warning",
  startup: "starting",
  error: "failed",
  failed: "failed",
  shutdown: "stopped",
  unknown: "unknown",
  // What nobody says of itself.
  stale: "warning",
  dead: "dead",
} as const satisfies Record<ShownStatus, Health>;

/** Judges one service by its statement and its pulse; its launcher is looked at by `underLauncher`. */
export function judge(statement: Statement, life: Lifecycle, beat: Pulse, running: boolean): Verdict {
  const { status, said } = statement;
  // As it should be, whatever its last words were.
  if (life.heldBy && hasEnded(life) && !statement.byHand) return { status: "shutdown", health: "stopped" };
  if (running && beat.state === "dead") {
    return { status: "dead", health: "dead", reason: `${silence(beat)}; last said ${status}` };
  }
  if (running && beat.state === "stale") {
    return { status: "stale", health: "warning", reason: `${silence(beat)}; last said ${status}` };
  }
  if (!running && restsUntilDue(life) && status !== "error" && status !== "failed") {
    return { status: "shutdown", health: "stopped" };
  }
  const health = HEALTH_OF[status];
  switch (health) {
    case "ok":
    case "stopped":
    case "starting":
      return { status, health };
    case "warning":
      return { status, health, reason: (said && explain(said)) ?? `says ${status}` };
    case "failed":
      return { status, health, reason: failure(statement, life) };
    case "unknown":
      return { status, health, reason: said ? "reports a status that is not known" : neverSeen(life, beat) };
    default:
      return health satisfies never;
  }
}

/** The verdict in the light of its launcher's: what runs under a dead or stopped launcher is looked after by nobody. */
export function underLauncher(verdict: Verdict, launcher: { id: string; health: Health } | undefined): Verdict {
  if (!launcher || (launcher.health !== "dead" && launcher.health !== "stopped")) return verdict;
  if (verdict.health !== "ok" && verdict.health !== "starting" && verdict.health !== "warning") return verdict;
  const orphaned = `its launcher is ${launcher.health}: nobody supervises it`;
  return {
    status: verdict.status,
    health: "warning",
    reason: verdict.reason ? `${verdict.reason}; ${orphaned}` : orphaned,
  };
}

/** `exit 1`, `killed by SIGKILL`. */
export function describeExit(code: number): string {
  if (code < 0) return `killed by ${describeSignal(-code)}`;
  return code > 128 && signalName(code - 128) ? `exit ${code}, as by ${describeSignal(code - 128)}` : `exit ${code}`;
}

function failure(statement: Statement, life: Lifecycle): string {
  const { said, cause } = statement;
  const own = said && isFailure(said.status) ? said : cause;
  const words = (own && explain(own)) ?? life.crashError;
  const facts = hasEnded(life) && !statement.byHand ? endFacts(life, words, said !== undefined) : [];
  if (words === undefined) return facts.length > 0 ? facts.join(", ") : `says ${statement.status}`;
  return facts.length > 0 ? `${words} (${facts.join(", ")})` : words;
}

/** What the events tell of the end beyond the words that are there already. */
function endFacts(life: Lifecycle, words: string | undefined, saidAfterwards: boolean): string[] {
  const facts: string[] = [];
  if (life.phase === "stop") return facts;
  // The launcher's own last words name the limit already.
  if (life.phase === "failed" && !saidAfterwards && !words?.startsWith("Restart limit reached"))
    facts.push(gaveUp(life));
  const { exitCode } = life;
  if (exitCode !== undefined && !words?.includes(` code ${exitCode}`)) {
    const exit = describeExit(exitCode);
    if (!words?.includes(exit)) facts.push(exit);
  }
  if (life.phase === "crashed") facts.push(life.willRestart ? "to be restarted" : "not restarted");
  return facts;
}

function gaveUp(life: Lifecycle): string {
  const times = life.restartCount
    ? ` after ${life.restartCount} ${life.restartCount === 1 ? "restart" : "restarts"}`
    : "";
  switch (life.failReason) {
    case "restart_limit_reached":
      return `gave up${times}`;
    case "restart_failed":
      return `could not be restarted${times}`;
    default:
      return life.failReason ? life.failReason.replaceAll("_", " ") : `gave up${times}`;
  }
}

function silence(beat: Pulse): string {
  if (beat.future) return "its last heartbeat is dated in the future: clocks differ";
  if (beat.ageSeconds === undefined) return "has never sent a heartbeat";
  return `no heartbeat for ${formatDuration(beat.ageSeconds)}`;
}

function neverSeen(life: Lifecycle, beat: Pulse): string {
  if (life.declaredTime !== undefined) return "declared, but has not started";
  return beat.time === undefined ? "nothing is known of it" : "sends heartbeats but no status";
}

/** True for a status a running service may have. */
export function runs(statement: Statement, life: Lifecycle): boolean {
  return isOperational(statement.status) && (life.stopTime === undefined || statement.byHand);
}
