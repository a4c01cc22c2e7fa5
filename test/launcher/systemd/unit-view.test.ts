// From what systemd tells of a unit to what has happened to the service.
import { describe, expect, test } from "bun:test";
import {
  AT_REST,
  type Course,
  follow,
  NO_VIEW,
  type UnitView,
  viewWith,
} from "../../../src/launcher/systemd/unit-view.ts";

const STARTING = { active: "activating", sub: "start", pid: 7 };
const RUNNING = { active: "active", sub: "running", pid: 7, startedMs: 1000, activeMs: 1250 };
const DEAD = { active: "inactive", sub: "dead", pid: 0 };
const FAILED = { active: "failed", sub: "failed", pid: 0, exitKind: 1, exitStatus: 3, result: "exit-code" };
const WAITING = { ...FAILED, active: "activating", sub: "auto-restart" };

/** What is told of one view after the other. */
function tell(...views: Partial<UnitView>[]) {
  let course: Course = AT_REST;
  return views.flatMap((view) => {
    const step = follow(course, { ...NO_VIEW, ...view });
    course = step.course;
    return step.moments;
  });
}
const kinds = (...views: Partial<UnitView>[]) => tell(...views).map(({ kind }) => kind);

test("a start is told when there is a process, and when it is ready", () => {
  expect(tell(DEAD, STARTING, { ...STARTING, text: "loading" }, RUNNING, RUNNING)).toEqual([
    { kind: "up", pid: 7 },
    { kind: "ready", durationMs: 250 },
  ]);
});

test("an end by itself is told with what systemd does next", () => {
  expect(tell(RUNNING, FAILED).at(-1)).toEqual({ kind: "ended", end: { code: 3 }, restarts: false, attempt: 1 });
  expect(tell(RUNNING, { ...WAITING, restarts: 4 }).at(-1)).toMatchObject({ restarts: true, attempt: 5 });
  expect(kinds(RUNNING, WAITING, { ...RUNNING, pid: 8 })).toEqual(["up", "ready", "ended", "up", "ready"]);
});

test("on its way to the next life it is dead for a moment: that is no end", () => {
  const between = { ...DEAD, job: "/org/freedesktop/systemd1/job/9" };
  expect(kinds(RUNNING, WAITING, between, { ...DEAD, pid: 8 }, { ...STARTING, pid: 8 })).toEqual([
    "up",
    "ready",
    "ended",
    "up",
  ]);
});

test("a start that systemd had in mind and gives up is told, and why", () => {
  expect(tell(RUNNING, WAITING, FAILED).at(-1)).toEqual({ kind: "abandoned", why: "limit" });
  expect(tell(RUNNING, WAITING, DEAD).at(-1)).toEqual({ kind: "abandoned", why: "stopped" });
});

test("a stop that somebody has ordered is told once, with its job; one without a job is systemd's own", () => {
  const stopping = { ...RUNNING, active: "deactivating", sub: "stop-sigterm" };
  const job = "/org/freedesktop/systemd1/job/5";
  expect(tell(RUNNING, { ...stopping, job }, { ...stopping, job }, DEAD).slice(2)).toEqual([
    { kind: "stopping", job },
    { kind: "ended", end: { code: 0 }, restarts: false, attempt: 1 },
  ]);
  expect(kinds(RUNNING, { ...stopping, sub: "stop-watchdog" })).toEqual(["up", "ready"]);
});

test("two lives between two tellings are an end and a start", () => {
  expect(kinds(RUNNING, { ...RUNNING, pid: 8, restarts: 1 })).toEqual(["up", "ready", "ended", "up", "ready"]);
});

describe("how it ended", () => {
  test.each([
    [
      { exitKind: 2, exitStatus: 9, result: "signal" },
      { code: -9, error: "killed by SIGKILL" },
    ],
    [
      { exitKind: 3, exitStatus: 6, result: "core-dump" },
      { code: -6, error: "killed by SIGABRT" },
    ],
    [
      { exitKind: 2, exitStatus: 9, result: "watchdog" },
      { code: -9, error: "watchdog: no sign of life" },
    ],
    [
      { exitKind: 2, exitStatus: 9, result: "oom-kill" },
      { code: -9, error: "out of memory: killed by the kernel" },
    ],
    [
      { exitKind: 2, exitStatus: 9, result: "timeout" },
      { code: -9, error: "took too long: ended by systemd" },
    ],
    [
      { exitKind: 1, exitStatus: 0, result: "protocol" },
      { code: 1, error: "ended before it was ready" },
    ],
    [
      { exitKind: 1, exitStatus: 3, result: "exit-code", text: "failed: the dome is stuck" },
      { code: 3, error: "the dome is stuck" },
    ],
    [{ exitKind: 1, exitStatus: 3, result: "exit-code", text: "ok: open" }, { code: 3 }],
    [
      { exitKind: 1, exitStatus: 203, result: "exit-code" },
      { code: 203, error: "systemd could not start it: the executable cannot be started (EXEC)" },
    ],
    [{ exitKind: 1, exitStatus: 0, result: "success" }, { code: 0 }],
    [
      { exitKind: 0, exitStatus: 0, result: "resources" },
      { code: 1, error: "systemd: resources" },
    ],
  ])("%j", (view, end) => {
    expect(tell(RUNNING, { ...FAILED, text: "", ...view }).at(-1)).toMatchObject({ kind: "ended", end });
  });
});

test("only what has changed changes a view", () => {
  const view = viewWith(
    { ...NO_VIEW, ...RUNNING, job: "/job/1" },
    new Map<string, string | number | bigint | [number, string]>([
      ["MainPID", 9],
      ["ExecMainStartTimestamp", 5_000_000n],
      ["Job", [0, "/"]],
    ]),
  );
  expect(view).toEqual({ ...NO_VIEW, ...RUNNING, pid: 9, startedAt: 5000, job: "" });
});
