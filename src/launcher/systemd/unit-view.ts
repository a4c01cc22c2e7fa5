// What systemd tells of a unit, and what has happened between two tellings: a pure function.
import { describeSignal } from "../../common/signal-codes.ts";
import type { BusValue } from "./dbus-types.ts";

/** A unit as systemd has it. */
export interface UnitView {
  /** `loaded`, `not-found`, `bad-setting`, `masked`, … */
  load: string;
  /** Path of the file it was read from. */
  file: string;
  /** `active`, `activating`, `deactivating`, `inactive`, `failed`, … */
  active: string;
  /** `running`, `start`, `auto-restart`, `stop-sigterm`, `dead`, … */
  sub: string;
  /** Why it ended: `success`, `exit-code`, `signal`, `watchdog`, `oom-kill`, `timeout`, … */
  result: string;
  /** Its main process; 0 when it has none. */
  pid: number;
  /** How its latest main process ended: CLD_EXITED 1, CLD_KILLED 2, CLD_DUMPED 3; 0 while it runs. */
  exitKind: number;
  /** Its exit code, or the signal. */
  exitStatus: number;
  /** Restarts that systemd has made since it was started by an order. */
  restarts: number;
  /** What the service last said of itself (`STATUS=`). */
  text: string;
  /** When its main process was started, milliseconds since the epoch. */
  startedAt: number;
  /** The same, and when it became active, by the system's monotonic clock, milliseconds. */
  startedMs: number;
  activeMs: number;
  /** Path of the job that is under way; empty when there is none. */
  job: string;
}

export const NO_VIEW: UnitView = {
  load: "not-found",
  file: "",
  active: "inactive",
  sub: "dead",
  result: "success",
  pid: 0,
  exitKind: 0,
  exitStatus: 0,
  restarts: 0,
  text: "",
  startedAt: 0,
  startedMs: 0,
  activeMs: 0,
  job: "",
};

/** The view after some properties have changed. */
export function viewWith(view: UnitView, changed: Map<BusValue, BusValue>): UnitView {
  const text = (name: string, old: string) => (changed.has(name) ? String(changed.get(name)) : old);
  const number = (name: string, old: number, scale = 1) =>
    changed.has(name) ? Number(changed.get(name)) / scale : old;
  const job = changed.get("Job");
  return {
    load: text("LoadState", view.load),
    file: text("FragmentPath", view.file),
    active: text("ActiveState", view.active),
    sub: text("SubState", view.sub),
    result: text("Result", view.result),
    pid: number("MainPID", view.pid),
    exitKind: number("ExecMainCode", view.exitKind),
    exitStatus: number("ExecMainStatus", view.exitStatus),
    restarts: number("NRestarts", view.restarts),
    text: text("StatusText", view.text),
    startedAt: number("ExecMainStartTimestamp", view.startedAt, 1000),
    startedMs: number("ExecMainStartTimestampMonotonic", view.startedMs, 1000),
    activeMs: number("ActiveEnterTimestampMonotonic", view.activeMs, 1000),
    // Without one it is (0, "/").
    job: Array.isArray(job) ? (Number(job[0]) === 0 ? "" : String(job[1])) : view.job,
  };
}

/** Something that has happened to a unit. */
export type Moment =
  | { kind: "up"; pid: number }
  | { kind: "ready"; durationMs: number }
  /** A job takes it down: it did not end by itself. */
  | { kind: "stopping"; job: string }
  /** `restarts`: systemd starts it again, for the `attempt`-th time since it was started by an order. */
  | { kind: "ended"; end: UnitEnd; restarts: boolean; attempt: number }
  /** It was to be started again, and is not: the start limit, or somebody has stopped it. */
  | { kind: "abandoned"; why: "limit" | "stopped" };

export interface UnitEnd {
  /** Exit code, negative for a signal. */
  code: number;
  error?: string;
}

/** What is known of a unit from one telling to the next. */
export interface Course {
  /** The main process whose life is being told; 0 = none. */
  pid: number;
  ready: boolean;
  stopping: boolean;
  /** systemd is going to start it again. */
  waits: boolean;
}

export const AT_REST: Course = { pid: 0, ready: false, stopping: false, waits: false };

/** It has ended, and is about to be started again. */
export function isWaiting({ sub }: UnitView): boolean {
  return sub === "auto-restart" || sub === "auto-restart-queued";
}

/** It does not run. On its way from one life to the next systemd tells this too, with the new process. */
export function isDown({ active, pid }: UnitView): boolean {
  return pid === 0 && (active === "inactive" || active === "failed");
}

/** @returns what has happened, oldest first, and the course from there */
export function follow(course: Course, view: UnitView): { course: Course; moments: Moment[] } {
  const moments: Moment[] = [];
  let now = course;
  const waits = isWaiting(view);
  const down = isDown(view);
  if (now.pid !== 0 && (waits || down)) {
    moments.push({ kind: "ended", end: endOf(view), restarts: waits, attempt: view.restarts + 1 });
    now = { ...AT_REST, waits };
  } else if (now.pid !== 0 && view.pid !== 0 && view.pid !== now.pid) {
    // Ended and started again between two tellings: how it ended is not told any more.
    const end = { code: 1, error: "ended, and was started again at once" };
    moments.push({ kind: "ended", end, restarts: true, attempt: view.restarts });
    now = { ...AT_REST, waits: true };
  }
  // With a job it is only between two steps of its restart.
  if (now.waits && down && view.job === "") {
    moments.push({ kind: "abandoned", why: view.active === "failed" ? "limit" : "stopped" });
    now = AT_REST;
  }
  if (now.pid === 0 && view.pid !== 0 && !waits && view.active !== "inactive" && view.active !== "failed") {
    moments.push({ kind: "up", pid: view.pid });
    now = { ...AT_REST, pid: view.pid };
  }
  if (now.pid !== 0 && !now.ready && view.active === "active") {
    moments.push({ kind: "ready", durationMs: Math.max(0, view.activeMs - view.startedMs) });
    now = { ...now, ready: true };
  }
  if (now.pid !== 0 && !now.stopping && view.active === "deactivating" && view.job !== "") {
    moments.push({ kind: "stopping", job: view.job });
    now = { ...now, stopping: true };
  }
  return { course: now, moments };
}

/** What is said of one that its watchdog has ended. */
export const WATCHDOG_WORDS = "watchdog: no sign of life";

/** Words of a service about its own end, as it leaves them in STATUS=. */
const LAST_WORDS = /^failed: (.*)$/;

function endOf({ exitKind, exitStatus, result, text }: UnitView): UnitEnd {
  const code = exitKind === 2 || exitKind === 3 ? -exitStatus : exitStatus;
  switch (result) {
    case "watchdog":
      return { code: code === 0 ? -9 : code, error: WATCHDOG_WORDS };
    case "oom-kill":
      return { code: code === 0 ? -9 : code, error: "out of memory: killed by the kernel" };
    case "timeout":
      return { code: code === 0 ? -9 : code, error: "took too long: ended by systemd" };
    case "protocol":
      return { code: code === 0 ? 1 : code, error: "ended before it was ready" };
    default:
  }
  if (code < 0) return { code, error: `killed by ${describeSignal(-code)}` };
  const words = LAST_WORDS.exec(text)?.[1];
  if (code !== 0 && words !== undefined) return { code, error: words };
  if (code === 0 && result !== "success") return { code: 1, error: `systemd: ${result}` };
  const known = code === 0 ? undefined : EXEC_FAULTS[code];
  return known === undefined ? { code } : { code, error: `systemd could not start it: ${known}` };
}

/** Exit codes by which systemd tells what went wrong before the program ran (systemd.exec). */
const EXEC_FAULTS: Record<number, string> = {
  200: "its working directory is missing (CHDIR)",
  203: "the executable cannot be started (EXEC)",
  216: "no such group (GROUP)",
  217: "no such user (USER)",
  226: "its view of the file system cannot be made (NAMESPACE)",
};
