// The story of a fleet, as its messages tell it.
import { describe, expect, test } from "bun:test";
import { Timeline } from "../../src/client/timeline/index.ts";
import type { JsonObject } from "../../src/common/json.ts";
import { toWireTimestamp } from "../../src/messaging/timestamp.ts";

const NOON = Date.UTC(2026, 10, 20, 12);
const LAUNCHER = "launcher.launcher.abc123.vm-worker-launcher";

/** What is told of messages: `[what of the subject, data, seconds after noon]`. */
function story(...messages: [subject: string, data?: JsonObject, seconds?: number][]) {
  const timeline = new Timeline();
  return messages.flatMap(([subject, data = {}, seconds = 0], i) => {
    const time = NOON + 1000 * seconds;
    const told = { timestamp: toWireTimestamp(time), ...data };
    return timeline.take({ subject: `svc.${subject}`, data: told, seq: i + 1, time: time + 1 }) ?? [];
  });
}

const texts = (...messages: Parameters<typeof story>) => story(...messages).map(({ text }) => text);

describe("events of the registry", () => {
  test.each<[string, JsonObject, string]>([
    ["start", { pid: 12, hostname: "vm" }, "started, pid 12 on vm"],
    [
      "start",
      { pid: 12, hostname: "vm", ordered_by: "ann@vm", order_reason: "new moon" },
      "started by ann@vm: new moon, pid 12 on vm",
    ],
    ["stopping", { reason: "stop by ann@vm: dome: open" }, "stop by ann@vm: dome: open"],
    ["stopping", { reason: "restart by ann@vm" }, "restart by ann@vm"],
    ["stopping", { reason: "launcher shutting down" }, "asked to stop: launcher shutting down"],
    ["stop", { reason: "terminated", exit_code: 0 }, "stopped"],
    ["stopping", { reason: "reload by ann@vm" }, "reload by ann@vm"],
    [
      "stop",
      { reason: "terminated", exit_code: 0, removed_by: "ann@vm" },
      "stopped, and taken out of the configuration by ann@vm",
    ],
    ["stop", { reason: "completed", exit_code: 0 }, "completed"],
    ["stop", { reason: "force_killed", exit_code: -9 }, "force-killed: it did not stop in time"],
    [
      "crashed",
      { exit_code: 7, will_restart: true, message: "no mirror" },
      "crashed, exit 7: no mirror; to be restarted",
    ],
    [
      "crashed",
      { exit_code: -11, will_restart: false },
      "crashed, killed by SIGSEGV (a memory fault: a bug in native code)",
    ],
    ["restarting", { restart_attempt: 2, max_restarts: 5 }, "restart 2 of 5"],
    ["restarting", { restart_attempt: 2, max_restarts: null }, "restart 2"],
    ["failed", { restart_count: 5 }, "given up after 5 restarts"],
    ["declared", {}, "declared by its launcher"],
    ["ready", {}, "ready"],
  ])("%s %j", (event, data, text) => {
    expect(texts([`registry.${event}.dome.main`, data])).toEqual([text]);
  });

  test("an order names who gave it, and why", () => {
    const [entry] = story(["registry.stopping.dome.main", { reason: "stop by ann@vm: wind" }]);
    expect(entry).toMatchObject({ kind: "order", by: "ann@vm", reason: "wind", serviceId: "dome.main", time: NOON });
  });

  test("what is told twice, as a correction, is one entry", () => {
    const start: Parameters<typeof story>[0] = [
      "registry.start.dome.main",
      { pid: 1, hostname: "vm", parent: LAUNCHER },
    ];
    expect(story(start, start).length).toBe(1);
  });

  test("a start that follows a restart is routine", () => {
    const [, start] = story(["registry.restarting.dome.main", {}, 1], ["registry.start.dome.main", { pid: 1 }, 1.01]);
    expect(start).toMatchObject({ kind: "started", minor: true });
  });
});

describe("statuses", () => {
  test("only changes are told, with what was before", () => {
    const found = story(
      ["status.dome.main", { status: "ok" }],
      ["status.dome.main", { status: "ok", message: "still" }],
      ["status.dome.main", { status: "warning", message: "wind" }],
      ["status.dome.main", { status: "ok", message: "calm" }],
    );
    expect(found.map(({ text, previous, severity }) => [text, previous, severity])).toEqual([
      ["warning: wind", "ok", "warning"],
      ["ok: calm", "warning", "info"],
    ]);
  });

  test("the part that is to blame is named", () => {
    const details = { own_status: "ok", children: [{ name: "shutter", status: "error", message: "stuck" }] };
    expect(texts(["status.dome.main", { status: "error", details }])).toEqual(["error: shutter error: stuck"]);
  });

  test("coming up and going down are told by the registry", () => {
    expect(
      texts(
        ["status.dome.main", { status: "startup" }],
        ["status.dome.main", { status: "ok", message: "Service running" }],
        ["status.dome.main", { status: "shutdown", message: "Service stopped" }],
      ),
    ).toEqual([]);
  });

  test("a status that says the same as the crash before it is left out", () => {
    expect(
      texts(
        ["registry.crashed.dome.main", { exit_code: 1, will_restart: false }, 10],
        ["status.dome.main", { status: "failed", message: "Crashed: exited with code 1" }, 10.01],
        ["status.dome.main", { status: "ok" }, 20],
        ["status.dome.main", { status: "failed", message: "again" }, 30],
      ),
    ).toEqual(["crashed, exit 1", "ok", "failed: again"]);
  });

  test("a launcher's beginning and end are told; its summaries are routine", () => {
    const found = story(
      [`status.${LAUNCHER}`, { status: "startup" }],
      [`status.${LAUNCHER}`, { status: "ok", message: "2 of 2 services running" }],
      [`status.${LAUNCHER}`, { status: "warning", message: "2 of 2 services running; dome.main warning" }],
      [`status.${LAUNCHER}`, { status: "shutdown" }],
    );
    expect(found.map(({ text, minor }) => [text, minor])).toEqual([
      ["launcher started", false],
      ["launcher ready", false],
      ["warning: 2 of 2 services running; dome.main warning", true],
      ["launcher stopped", false],
    ]);
  });

  test("a launcher whose service is stopped or started again has not begun anew itself", () => {
    const found = story(
      [`status.${LAUNCHER}`, { status: "startup", message: "Launcher starting" }],
      [`status.${LAUNCHER}`, { status: "startup", message: "0 of 1 service running; dome.main startup" }],
      [`status.${LAUNCHER}`, { status: "ok", message: "1 of 1 service running" }],
      [`status.${LAUNCHER}`, { status: "shutdown", message: "0 of 1 service running; dome.main shutdown" }],
      [`status.${LAUNCHER}`, { status: "startup", message: "0 of 1 service running; dome.main startup" }],
      [`status.${LAUNCHER}`, { status: "ok", message: "1 of 1 service running" }],
      [`status.${LAUNCHER}`, { status: "shutdown", message: "Launcher shutting down" }],
    );
    expect(found.filter(({ minor }) => !minor).map(({ text }) => text)).toEqual([
      "launcher started",
      "launcher ready",
      "launcher stopped",
    ]);
  });
});

test.each<[string, unknown]>([
  ["heartbeat.dome.main", { status: "ok" }],
  ["registry.exploded.dome.main", {}],
  ["registry.start.dome.main", []],
  ["registry.start.dome.main", "text"],
  ["status.dome.main", null],
  ["other.dome.main", {}],
  ["registry", {}],
])("%s with %p makes no entry", (subject, data) => {
  expect(new Timeline().take({ subject: `svc.${subject}`, data, seq: 1, time: NOON })).toBeUndefined();
});

test("a time from the future is not believed", () => {
  const [entry] = story(["registry.start.dome.main", { timestamp: toWireTimestamp(NOON + 3_600_000) }]);
  expect(entry?.time).toBe(NOON + 1);
});
