import { describe, expect, test } from "bun:test";
import { summarize } from "../../src/client/summary.ts";
import { toWireTimestamp } from "../../src/messaging/timestamp.ts";
import { FakeFleet, LAUNCHER, NOW } from "./fleet.ts";

const at = (ago: number) => NOW - ago * 1000;

describe("a service that works", () => {
  test("shows what its launcher and itself have said", () => {
    const info = new FakeFleet().launcher().healthy("dome.main", 3_600, 3).info("dome.main");
    expect(info).toMatchObject({
      serviceId: "dome.main",
      type: "dome",
      variant: "main",
      kind: "service",
      status: "ok",
      reportedStatus: "ok",
      health: "ok",
      message: "Service running",
      parent: LAUNCHER,
      runnerId: "test.vm.dome.main",
      host: "vm",
      pid: 42,
      startTime: at(3_600),
      declaredTime: at(3_601),
      heartbeatAgeSeconds: 3,
      heartbeatState: "alive",
      restartPolicy: "always",
      uptimeSeconds: 3_600,
      declared: true,
      ephemeral: false,
      fresh: true,
      running: true,
      zombie: false,
      current: true,
      removed: false,
    });
    expect(info.reason).toBeUndefined();
    expect(info.stopTime).toBeUndefined();
  });

  test("with a dotted type keeps its variant apart", () => {
    const info = new FakeFleet().healthy("examples.minimal.tutorial").info("examples.minimal.tutorial");
    expect(info).toMatchObject({ type: "examples.minimal", variant: "tutorial" });
  });

  test("run by hand is ephemeral and tells its uptime by its heartbeat", () => {
    const fleet = new FakeFleet().status("a.b", "busy", 50).heartbeat("a.b", 5, { uptime_seconds: 55 });
    expect(fleet.info("a.b")).toMatchObject({
      status: "busy",
      health: "ok",
      ephemeral: true,
      uptimeSeconds: 60,
      current: true,
    });
  });

  test("whose runner says start only after the service said ok is ok, not starting", () => {
    const fleet = new FakeFleet()
      .event("a.b", "declared", 100)
      .status("a.b", "ok", 90)
      .event("a.b", "start", 89, { status: "startup" })
      .heartbeat("a.b", 1);
    expect(fleet.info("a.b").status).toBe("ok");
  });

  test("is starting until it speaks in its new life", () => {
    const fleet = new FakeFleet()
      .healthy("a.b", 3_600, 60)
      .event("a.b", "declared", 5)
      .event("a.b", "start", 4, { status: "startup" });
    expect(fleet.info("a.b")).toMatchObject({ status: "startup", health: "starting", heartbeatState: "none" });
  });

  test("is starting when it is started again, though its runner has said that it failed", () => {
    const fleet = new FakeFleet()
      .healthy("a.b", 3_600, 60)
      .event("a.b", "crashed", 50, { status: "failed", exit_code: -9, will_restart: false })
      .status("a.b", "failed", 49, { message: "Crashed: killed by SIGKILL" })
      .event("a.b", "start", 2, { status: "startup" });
    expect(fleet.info("a.b")).toMatchObject({ status: "startup", health: "starting" });
  });

  test("whose status message was lost shows the status in its heartbeat", () => {
    const fleet = new FakeFleet()
      .event("a.b", "declared", 100)
      .event("a.b", "start", 99, { status: "startup" })
      .heartbeat("a.b", 1, { status: "idle" });
    expect(fleet.info("a.b")).toMatchObject({ status: "idle", health: "ok" });
  });

  test("shows children and metrics of its status, and newer metrics of its heartbeat", () => {
    const fleet = new FakeFleet()
      .status("a.b", "warning", 10, {
        details: {
          children: [{ name: "camera", status: "degraded", message: "warm" }, { nonsense: true }, 7],
          metrics: { queue: 3, temp: -15 },
        },
      })
      .heartbeat("a.b", 1, { metrics: { queue: 4 } });
    expect(fleet.info("a.b").metrics).toEqual({ queue: 4, temp: -15 });
    expect(fleet.info("a.b").children).toEqual([
      { name: "camera", status: "degraded", message: "warm", time: undefined, children: [] },
    ]);
  });
});

describe("a dead service never shows ok", () => {
  test("killed, with ok as its last word, restart to come", () => {
    const fleet = new FakeFleet()
      .launcher()
      .healthy("a.b", 600, 70)
      .event("a.b", "crashed", 65, { status: "error", exit_code: -9, will_restart: true });
    expect(fleet.info("a.b")).toMatchObject({
      status: "error",
      health: "failed",
      running: false,
      reason: "killed by SIGKILL, to be restarted",
      crashExitCode: -9,
      crashTime: at(65),
      willRestart: true,
      restartState: "restarting",
      current: true,
    });
  });

  test("killed, although its monitor goes on beating in its launcher's process", () => {
    const fleet = new FakeFleet()
      .launcher()
      .healthy("a.b", 600, 1)
      .event("a.b", "crashed", 65, { status: "error", exit_code: 1, will_restart: true });
    expect(fleet.info("a.b").status).toBe("error");
  });

  test("given up at the restart limit", () => {
    const fleet = new FakeFleet()
      .launcher()
      .healthy("a.b", 600, 70)
      .event("a.b", "crashed", 65, { status: "failed", exit_code: 3, will_restart: false })
      .event("a.b", "failed", 64, { status: "failed", reason: "restart_limit_reached", restart_count: 5 });
    expect(fleet.info("a.b")).toMatchObject({
      status: "failed",
      reason: "gave up after 5 restarts, exit 3",
      restartState: "failed",
      restartCount: 5,
    });
  });

  test("given up at the restart limit, which its launcher has said already", () => {
    const message = "Restart limit reached (3 in 60 s); last: no mirror";
    const fleet = new FakeFleet()
      .launcher()
      .healthy("a.b", 600, 70)
      .event("a.b", "crashed", 65, { status: "failed", exit_code: 3, will_restart: false })
      .status("a.b", "failed", 64.5, { message })
      .event("a.b", "failed", 64, { status: "failed", reason: "restart_limit_reached", restart_count: 3 });
    expect(fleet.info("a.b").reason).toBe(`${message} (exit 3)`);
  });

  test("with its own last words as the cause", () => {
    const fleet = new FakeFleet()
      .launcher()
      .healthy("a.b", 600, 70)
      .status("a.b", "error", 66, { message: "cannot open port" })
      .event("a.b", "crashed", 65, { status: "failed", exit_code: 1, will_restart: false });
    expect(fleet.info("a.b")).toMatchObject({
      status: "failed",
      message: "cannot open port",
      reason: "cannot open port (exit 1, not restarted)",
    });
  });

  test("with its runner's words when it had none", () => {
    const crash = { status: "error", exit_code: 1, will_restart: true, message: "TypeError: x is undefined" };
    const fleet = new FakeFleet().launcher().healthy("a.b", 600, 70).event("a.b", "crashed", 65, crash);
    expect(fleet.info("a.b").reason).toBe("TypeError: x is undefined (exit 1, to be restarted)");
    fleet.status("a.b", "error", 64.9, { message: "Crashed: exited with code 1" });
    expect(fleet.info("a.b").reason).toBe("Crashed: exited with code 1 (to be restarted)");
  });

  test("failed at start-up, then ended with exit code 0 as if all were well", () => {
    const fleet = new FakeFleet()
      .launcher()
      .event("a.b", "declared", 60)
      .event("a.b", "start", 59, { status: "startup" })
      .status("a.b", "failed", 58, { message: "no such camera" })
      .event("a.b", "stop", 57, { status: "shutdown", reason: "completed", exit_code: 0 });
    expect(fleet.info("a.b")).toMatchObject({
      status: "failed",
      health: "failed",
      reason: "no such camera",
      current: true,
    });
  });

  test("frozen: stale after 30 s, dead after 2 minutes", () => {
    const frozen = (ago: number) => new FakeFleet().launcher().healthy("a.b", 3_600, ago).info("a.b");
    expect(frozen(29)).toMatchObject({ status: "ok", heartbeatState: "alive" });
    expect(frozen(31)).toMatchObject({
      status: "stale",
      health: "warning",
      reason: "no heartbeat for 31 s; last said ok",
    });
    expect(frozen(121)).toMatchObject({
      status: "dead",
      health: "dead",
      zombie: true,
      running: true,
      reportedStatus: "ok",
    });
  });

  test("running by its word but never heard beating", () => {
    const fleet = new FakeFleet().status("a.b", "ok", 60);
    expect(fleet.info("a.b")).toMatchObject({ status: "dead", zombie: true, heartbeatState: "dead" });
    expect(new FakeFleet().status("a.b", "ok", 11).info("a.b")).toMatchObject({ status: "ok", heartbeatState: "none" });
  });

  test("together with its launcher: all are dead", () => {
    const fleet = new FakeFleet().launcher(LAUNCHER, 200).healthy("a.b", 3_600, 201);
    expect(fleet.info(LAUNCHER)).toMatchObject({ kind: "launcher", status: "dead", current: true });
    expect(fleet.info("a.b").status).toBe("dead");
  });

  test("after a clock was set back: a status from the future does not revive it", () => {
    const fleet = new FakeFleet()
      .launcher()
      .healthy("a.b", -3_500, -3_600)
      .event("a.b", "crashed", 5, { status: "error", exit_code: -9, will_restart: true });
    expect(fleet.info("a.b").status).toBe("error");
  });
});

describe("a service whose launcher is gone", () => {
  test("that still beats is suspicious: nobody supervises it", () => {
    const fleet = new FakeFleet().launcher(LAUNCHER, 300).healthy("a.b");
    expect(fleet.info("a.b")).toMatchObject({
      status: "ok",
      health: "warning",
      reason: "its launcher is dead: nobody supervises it",
    });
  });

  test("likewise when the launcher was stopped", () => {
    const fleet = new FakeFleet().launcher().status(LAUNCHER, "shutdown", 60).healthy("a.b");
    expect(fleet.info("a.b")).toMatchObject({ health: "warning" });
  });
});

describe("a service that had failed before its launcher was stopped", () => {
  const failed = () =>
    new FakeFleet()
      .launcher()
      .healthy("a.b", 600, 70)
      .status("a.b", "failed", 65, { message: "cannot open port", parent: LAUNCHER })
      .event("a.b", "crashed", 65, { status: "failed", exit_code: 1, will_restart: false });

  test("is history: stopped, its reason kept, not in the default view", () => {
    expect(failed().info("a.b")).toMatchObject({ health: "failed", current: true });
    expect(failed().status(LAUNCHER, "shutdown", 50).info("a.b")).toMatchObject({
      status: "failed",
      health: "stopped",
      reason: "cannot open port (exit 1, not restarted)",
      current: false,
    });
  });

  test("is no history when its launcher was killed", () => {
    expect(failed().heartbeat(LAUNCHER, 200).info("a.b")).toMatchObject({ health: "failed", current: true });
  });

  test("is no history when it was run by hand since, and failed", () => {
    const fleet = failed().status(LAUNCHER, "shutdown", 50).status("a.b", "failed", 20, { message: "no camera" });
    expect(fleet.info("a.b")).toMatchObject({ health: "failed", message: "no camera", current: true });
  });

  test("is none that still says so itself", () => {
    const fleet = new FakeFleet().launcher().healthy("a.b").status("a.b", "error", 5, { parent: LAUNCHER });
    expect(fleet.status(LAUNCHER, "shutdown", 4).info("a.b")).toMatchObject({ health: "failed", current: true });
  });
});

describe("life after an end", () => {
  const crashed = () =>
    new FakeFleet()
      .launcher()
      .healthy("a.b", 600, 70)
      .event("a.b", "crashed", 65, { status: "error", exit_code: -9, will_restart: true })
      .event("a.b", "restarting", 4, { status: "startup", restart_attempt: 2, max_restarts: null });

  test("about to start again", () => {
    expect(crashed().info("a.b")).toMatchObject({
      status: "startup",
      health: "starting",
      restartState: "restarting",
      restartAttempt: 2,
      restartMax: null,
    });
  });

  test("recovered", () => {
    const fleet = crashed()
      .event("a.b", "start", 3, { status: "startup", pid: 77 })
      .status("a.b", "ok", 2.5, { pid: 77 })
      .heartbeat("a.b", 2);
    expect(fleet.info("a.b")).toMatchObject({
      status: "ok",
      restartState: "recovered",
      pid: 77,
      startTime: at(3),
      uptimeSeconds: 3,
    });
  });

  test("a stop and a new start make the recovery old news", () => {
    const fleet = crashed()
      .event("a.b", "stop", 3, { status: "shutdown", reason: "terminated" })
      .event("a.b", "start", 2, { status: "startup" })
      .status("a.b", "ok", 1)
      .heartbeat("a.b", 0.5);
    expect(fleet.info("a.b").restartState).toBeUndefined();
    expect(fleet.info("a.b").stopTime).toBeUndefined();
  });

  test("stopped by the operator: stopped, not failed, not in the default view", () => {
    const fleet = new FakeFleet()
      .launcher()
      .healthy("a.b", 600, 70)
      .event("a.b", "stop", 60, { status: "shutdown", reason: "terminated", exit_code: 0 });
    expect(fleet.info("a.b")).toMatchObject({
      status: "shutdown",
      health: "stopped",
      stopTime: at(60),
      stopReason: "terminated",
      exitCode: 0,
      heartbeatState: "none",
      running: false,
      current: false,
    });
  });

  test("started by hand after a stop: runs again", () => {
    const fleet = new FakeFleet()
      .healthy("a.b", 600, 70)
      .event("a.b", "stop", 60, { status: "shutdown", reason: "terminated" })
      .status("a.b", "ok", 30)
      .heartbeat("a.b", 4);
    expect(fleet.info("a.b")).toMatchObject({ status: "ok", running: true, heartbeatState: "alive" });
    expect(fleet.info("a.b").stopTime).toBeUndefined();
  });

  test("the last heartbeat before a restart is not held against the new life", () => {
    const fleet = new FakeFleet()
      .launcher()
      .healthy("a.b", 90_000, 80_000)
      .event("a.b", "stop", 80_000, { status: "shutdown", reason: "terminated" })
      .event("a.b", "start", 10, { status: "startup" })
      .status("a.b", "ok", 9);
    expect(fleet.info("a.b")).toMatchObject({ status: "ok", heartbeatState: "none" });
  });
});

describe("what belongs in the default view", () => {
  test("a service declared but never started, under a living launcher", () => {
    const fleet = new FakeFleet().launcher().event("a.b", "declared", 300);
    expect(fleet.info("a.b")).toMatchObject({
      status: "unknown",
      reason: "declared, but has not started",
      current: true,
    });
  });

  test("a failed service of yesterday while its launcher runs; not a week after both ended", () => {
    const week = 7 * 86_400;
    const failed = new FakeFleet()
      .healthy("a.b", week + 60, week)
      .event("a.b", "failed", week, { status: "failed", reason: "restart_failed" });
    expect(failed.info("a.b").current).toBe(false);
    expect(failed.launcher().info("a.b").current).toBe(true);
  });

  test("a declared service that died long ago is shown; one run by hand is forgotten after a day", () => {
    const old = 3 * 86_400;
    expect(new FakeFleet().healthy("a.b", old, old).info("a.b")).toMatchObject({ status: "dead", current: true });
    const byHand = new FakeFleet().status("a.b", "ok", old).heartbeat("a.b", old);
    expect(byHand.info("a.b")).toMatchObject({ status: "dead", current: false });
  });

  test("a failed run by hand for ten minutes; longer while it goes on, or is to be run by a launcher that lives", () => {
    const failed = (ago: number) => new FakeFleet().status("a.b", "failed", ago).heartbeat("a.b", ago);
    expect(failed(9 * 60).info("a.b")).toMatchObject({ health: "failed", current: true });
    expect(failed(11 * 60).info("a.b")).toMatchObject({ health: "failed", current: false, fresh: true });
    expect(
      failed(11 * 60)
        .heartbeat("a.b", 5)
        .info("a.b").current,
    ).toBe(true);
    expect(
      failed(11 * 60)
        .launcher()
        .event("a.b", "declared", 700)
        .info("a.b").current,
    ).toBe(true);
    const since = new FakeFleet()
      .healthy("a.b", 7_200, 3_600)
      .event("a.b", "stop", 3_600, { status: "shutdown", reason: "terminated" })
      .status(LAUNCHER, "shutdown", 3_600)
      .status("a.b", "failed", 11 * 60);
    expect(since.info("a.b")).toMatchObject({ health: "failed", current: false });
  });

  test("a killed launcher and its services for a day; then they are history", () => {
    const hour = 3_600;
    const killed = (ago: number) =>
      new FakeFleet()
        .status(LAUNCHER, "ok", ago + hour)
        .heartbeat(LAUNCHER, ago)
        .healthy("a.b", ago + hour, ago + 1);
    for (const id of [LAUNCHER, "a.b"]) {
      expect(killed(23 * hour).info(id)).toMatchObject({ status: "dead", current: true });
      expect(killed(25 * hour).info(id)).toMatchObject({ status: "dead", current: false });
    }
  });

  test("a dead launcher whose services run under another one is not", () => {
    const fleet = new FakeFleet().launcher("launcher.old", 500).launcher().healthy("a.b");
    expect(fleet.info("launcher.old")).toMatchObject({ status: "dead", removed: true, current: false });
  });
});

describe("clocks", () => {
  test("a reader whose clock is behind sees living services alive", () => {
    const fleet = new FakeFleet().launcher().healthy("a.b");
    expect(fleet.info("a.b", NOW - 600_000)).toMatchObject({ status: "ok", heartbeatState: "alive" });
  });

  test("a heartbeat from the future, among others of now, proves nothing", () => {
    const fleet = new FakeFleet().launcher().healthy("a.b", 3_600, -3_600);
    expect(fleet.info("a.b")).toMatchObject({
      status: "stale",
      reason: "its last heartbeat is dated in the future: clocks differ; last said ok",
    });
  });
});

describe("a periodic service", () => {
  const timetable = {
    schedule: "every 60 s",
    next_run: toWireTimestamp(NOW + 40_000),
    last_run: toWireTimestamp(at(20)),
  };

  test("that has not run yet is neither missing nor a problem, and tells when it runs", () => {
    const fleet = new FakeFleet().launcher().event("a.b", "declared", 50, { schedule: "every 60 s" });
    expect(fleet.info("a.b")).toMatchObject({ status: "shutdown", health: "stopped", current: true });
    expect(summarize(fleet.fold().services)).toMatchObject({ status: "ok", healthy: true, problems: [] });
  });
  test("rests between its runs", () => {
    const fleet = new FakeFleet()
      .launcher()
      .event("a.b", "declared", 50, timetable)
      .event("a.b", "start", 20, { status: "startup", ...timetable })
      .event("a.b", "stop", 19, { status: "shutdown", reason: "completed", exit_code: 0, ...timetable });
    expect(fleet.info("a.b")).toMatchObject({
      health: "stopped",
      current: true,
      timetable: { schedule: "every 60 s", nextRun: NOW + 40_000, lastRun: at(20) },
    });
    expect(summarize(fleet.fold().services).healthy).toBe(true);
  });
  test("whose last run failed is a problem until the next", () => {
    const fleet = new FakeFleet()
      .launcher()
      .event("a.b", "declared", 50, timetable)
      .event("a.b", "start", 20, { status: "startup", ...timetable })
      .event("a.b", "crashed", 19, {
        status: "failed",
        exit_code: 1,
        will_restart: false,
        message: "no",
        ...timetable,
      });
    expect(fleet.info("a.b")).toMatchObject({ health: "failed", current: true });
    expect(summarize(fleet.fold().services).healthy).toBe(false);
  });
  test("that lost its schedule with a new declaration is missing again", () => {
    const fleet = new FakeFleet().launcher().event("a.b", "declared", 50, timetable).event("a.b", "declared", 30);
    expect(fleet.info("a.b").timetable).toBeUndefined();
    expect(fleet.info("a.b").health).not.toBe("stopped");
  });
});

test("a launcher that was killed while its services failed is dead, not merely failed", () => {
  const fleet = new FakeFleet()
    .status(LAUNCHER, "failed", 700, { message: "3 of 5 services running" })
    .heartbeat(LAUNCHER, 600)
    .healthy("dome.main", 3_600, 600);
  expect(fleet.info(LAUNCHER)).toMatchObject({ status: "dead", health: "dead" });
});
