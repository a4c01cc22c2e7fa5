import { describe, expect, test } from "bun:test";
import { summarize } from "../../src/client/summary.ts";
import { FakeFleet, LAUNCHER } from "./fleet.ts";

/** A launcher that tells its uptime, as ours do. */
const ours = (uptime: number) =>
  new FakeFleet().status(LAUNCHER, "ok", uptime).heartbeat(LAUNCHER, 2, { uptime_seconds: uptime - 2 });
const stop = { status: "shutdown", reason: "terminated", exit_code: 0 };

describe("a service is removed when its launcher has started since without it", () => {
  test("stopped in the earlier round", () => {
    const fleet = ours(100)
      .healthy("kept.main", 99)
      .healthy("gone.main", 5_000, 200)
      .event("gone.main", "stop", 150, stop);
    expect(fleet.info("gone.main")).toMatchObject({ removed: true, current: false });
    expect(fleet.info("kept.main")).toMatchObject({ removed: false, current: true });
  });

  test("killed together with the earlier launcher", () => {
    expect(ours(1_000).healthy("gone.main", 5_000, 1_010).info("gone.main")).toMatchObject({
      removed: true,
      current: false,
    });
  });

  test("failed in the earlier round", () => {
    const fleet = ours(100).healthy("gone.main", 5_000, 300).event("gone.main", "failed", 290, { status: "failed" });
    expect(fleet.info("gone.main").removed).toBe(true);
  });

  test("a quick restart of the launcher is seen by the stop in between", () => {
    const fleet = ours(10).healthy("gone.main", 20, 13).event("gone.main", "stop", 12, stop);
    expect(fleet.info("gone.main").removed).toBe(true);
  });

  test("under a launcher of the Python framework, which tells no uptime", () => {
    const fleet = new FakeFleet()
      .healthy("gone.main", 5_000, 200)
      .event("gone.main", "stop", 150, stop)
      .healthy("kept.main", 99);
    expect(fleet.status(LAUNCHER, "ok", 5_000).info("gone.main").removed).toBe(false);
    expect(fleet.status(LAUNCHER, "ok", 98).info("gone.main").removed).toBe(true);
  });
});

describe("a service is not removed", () => {
  test("when it runs, whatever its declaration says", () => {
    expect(ours(1_000).healthy("a.b", 5_000, 3).info("a.b")).toMatchObject({ removed: false, status: "ok" });
  });

  test("when a reload of its launcher declares another one", () => {
    const fleet = ours(9_000)
      .healthy("broken.main", 5_000, 300)
      .event("broken.main", "failed", 290, { status: "failed" })
      .healthy("added.main", 100);
    expect(fleet.info("broken.main")).toMatchObject({ removed: false, current: true });
  });

  test("when it failed and only a newer declaration of another speaks against it", () => {
    const fleet = new FakeFleet()
      .launcher()
      .healthy("broken.main", 5_000, 300)
      .event("broken.main", "crashed", 290, { status: "failed", exit_code: 1 })
      .healthy("other.main", 100);
    expect(fleet.info("broken.main")).toMatchObject({ removed: false, current: true });
  });

  test("when it was stopped by the operator in this round", () => {
    const fleet = ours(5_100).healthy("a.b", 5_000, 200).event("a.b", "stop", 150, stop);
    expect(fleet.info("a.b")).toMatchObject({ removed: false, health: "stopped" });
  });
});

describe("a service that its launcher has taken back", () => {
  const removed = { ...stop, removed_by: "ann@vm" };
  const running = () => ours(9_000).healthy("gone.main", 5_000, 60);

  test("is removed at once, whatever it was before", () => {
    expect(running().event("gone.main", "stop", 50, removed).info("gone.main")).toMatchObject({
      removed: true,
      removal: { by: "ann@vm" },
      current: false,
    });
    const failed = running().event("gone.main", "failed", 55, { status: "failed" });
    expect(failed.info("gone.main")).toMatchObject({ removed: false, current: true });
    expect(failed.event("gone.main", "stop", 50, removed).info("gone.main")).toMatchObject({
      removed: true,
      current: false,
    });
  });

  test("is a problem for nobody", () => {
    const { services } = running().event("gone.main", "stop", 50, removed).fold();
    expect(summarize(services)).toMatchObject({ healthy: true, problems: [], stopped: 0 });
  });

  test("is back when it is declared again", () => {
    const fleet = running().event("gone.main", "stop", 50, removed).healthy("gone.main", 20);
    expect(fleet.info("gone.main")).toMatchObject({ removed: false, status: "ok", current: true });
    expect(fleet.info("gone.main").removal).toBeUndefined();
  });

  test("may be run by hand then, and is seen", () => {
    const fleet = running()
      .event("gone.main", "stop", 50, removed)
      .status("gone.main", "ok", 20)
      .heartbeat("gone.main", 3);
    expect(fleet.info("gone.main")).toMatchObject({ removed: false, status: "ok", current: true });
  });
});
