import { describe, expect, test } from "bun:test";
import { summarize } from "../../src/client/summary.ts";
import { FakeFleet, LAUNCHER } from "./fleet.ts";

const summary = (fleet: FakeFleet) => summarize(fleet.fold().services);
const stop = { status: "shutdown", reason: "terminated" };

describe("the summary", () => {
  test("of a fleet in good health", () => {
    const fleet = new FakeFleet().launcher().healthy("a.a").healthy("b.b").status("b.b", "idle", 5);
    expect(summary(fleet)).toEqual({
      status: "idle",
      healthy: true,
      launchers: 1,
      services: 2,
      running: 2,
      stopped: 0,
      counts: { ok: 2, idle: 1 },
      problems: [],
    });
  });

  test("the worst wins, and the worst is told first, with its reason", () => {
    const fleet = new FakeFleet()
      .launcher()
      .healthy("a.warns")
      .status("a.warns", "warning", 5, { message: "low disk" })
      .healthy("b.failed", 600, 50)
      .event("b.failed", "crashed", 45, { status: "failed", exit_code: 1 })
      .healthy("c.dead", 600, 300)
      .healthy("d.ok");
    expect(summary(fleet)).toMatchObject({
      status: "failed",
      healthy: false,
      services: 4,
      running: 2,
      problems: [
        { serviceId: "b.failed", status: "failed", reason: "exit 1, not restarted" },
        { serviceId: "c.dead", status: "dead" },
        { serviceId: "a.warns", status: "warning", reason: "low disk" },
      ],
    });
  });

  test("a dead launcher is told before its dead services", () => {
    const fleet = new FakeFleet().launcher(LAUNCHER, 300).healthy("a.a", 600, 301);
    expect(summary(fleet).problems.map(({ serviceId }) => serviceId)).toEqual([LAUNCHER, "a.a"]);
  });

  test("a launcher that only echoes the trouble of its services is no problem of its own", () => {
    const fleet = new FakeFleet()
      .launcher()
      .status(LAUNCHER, "failed", 40, { message: "1 of 2 services running" })
      .healthy("a.a")
      .healthy("b.b", 600, 50)
      .event("b.b", "crashed", 45, { status: "failed", exit_code: 1 });
    expect(summary(fleet).problems.map(({ serviceId }) => serviceId)).toEqual(["b.b"]);
    expect(summary(fleet).healthy).toBe(false);
  });

  test("of a fleet that was stopped", () => {
    const fleet = new FakeFleet().launcher().status(LAUNCHER, "shutdown", 50).healthy("a.a", 600, 60);
    expect(summary(fleet.event("a.a", "stop", 55, stop))).toMatchObject({
      status: "shutdown",
      healthy: true,
      services: 0,
      stopped: 1,
      problems: [],
    });
  });

  test("of a fleet that was stopped when one of its services had failed already", () => {
    const fleet = new FakeFleet()
      .launcher()
      .healthy("a.a", 600, 60)
      .healthy("b.b", 600, 60)
      .event("b.b", "crashed", 58, { status: "failed", exit_code: 1 })
      .event("a.a", "stop", 55, stop)
      .status(LAUNCHER, "shutdown", 50);
    expect(summary(fleet)).toMatchObject({ status: "shutdown", healthy: true, stopped: 2, problems: [] });
  });

  test("of a fleet that was killed: its launcher is the problem for a day, then it is unknown, and not healthy", () => {
    const killed = (ago: number) =>
      new FakeFleet()
        .status(LAUNCHER, "ok", ago + 600)
        .heartbeat(LAUNCHER, ago)
        .healthy("a.a", ago + 600, ago + 1);
    expect(summary(killed(3_600))).toMatchObject({ status: "dead", healthy: false, launchers: 1 });
    expect(summary(killed(90_000))).toMatchObject({ status: "unknown", healthy: false, services: 0, problems: [] });
    expect(summary(killed(90_000).status("x.x", "ok", 5).heartbeat("x.x", 5))).toMatchObject({
      status: "ok",
      healthy: true,
    });
  });

  test("is degraded when the worst is degraded, and a warning when the worst only lacks its launcher", () => {
    const degraded = new FakeFleet().launcher().healthy("a.a").status("a.a", "degraded", 5);
    expect(summary(degraded).status).toBe("degraded");
    const orphan = new FakeFleet().launcher().status(LAUNCHER, "shutdown", 60).healthy("a.a");
    expect(summary(orphan).status).toBe("warning");
  });

  test("leaves out a run by hand that failed a while ago", () => {
    const fleet = new FakeFleet().launcher().healthy("a.a").status("x.x", "failed", 700).heartbeat("x.x", 700);
    expect(summary(fleet)).toMatchObject({ status: "ok", services: 1, problems: [] });
  });

  test("of nothing", () => {
    expect(summarize([])).toMatchObject({ status: "unknown", healthy: false, services: 0 });
  });
});

describe("healthy (the --check rule)", () => {
  const base = () => new FakeFleet().launcher().healthy("a.a");
  test.each([
    ["a warning is still healthy", base().status("a.a", "degraded", 5), true],
    ["an operator's stop is no fault", base().event("a.a", "stop", 5, stop), true],
    ["a service run by hand does not count", base().status("x.x", "error", 5).heartbeat("x.x", 5), true],
    ["a service still starting is not healthy yet", base().healthy("b.b").status("b.b", "startup", 5), false],
    ["an error", base().status("a.a", "error", 5), false],
    [
      "a crash that will be restarted",
      base().event("a.a", "crashed", 5, { status: "error", will_restart: true }),
      false,
    ],
    ["a dead heartbeat", base().healthy("b.b", 600, 300), false],
    ["a stale heartbeat", base().healthy("b.b", 600, 60), false],
    ["declared and never started", base().event("b.b", "declared", 600), false],
    ["a dead launcher", new FakeFleet().launcher(LAUNCHER, 300).healthy("a.a"), false],
  ])("%s", (_what, fleet, expected) => {
    expect(summary(fleet).healthy).toBe(expected);
  });
});
