// Services that run when they are due, services that wait for others, and fleets that end.
import { describe, expect, test } from "bun:test";
import { fromWireTimestamp } from "../../src/messaging/timestamp.ts";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { waitFor, within } from "../support/wait.ts";

const SHOT = serviceFile("async execute() { this.logger.info('did it'); }", "BaseSingleShotService");

describe("a periodic service", () => {
  test("runs again and again, completes each time, and tells its last and next run", async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - {type: thing, schedule: every 0.3s}\n  - hello_world.main\n",
      files: { "thing.ts": SHOT },
    });
    const stops = await waitFor("three runs", () => {
      const found = fleet.wire.of("registry.stop", "thing.main");
      return found.length >= 3 && found;
    });
    expect(stops[0]?.data).toMatchObject({ reason: "completed", exit_code: 0, schedule: "every 0.3 s" });
    const [last, next] = [stops[0]?.data.last_run, stops[0]?.data.next_run].map(fromWireTimestamp);
    expect(next).toBeGreaterThan(last ?? Number.POSITIVE_INFINITY);
    expect(fleet.wire.story("thing.main").slice(0, 2)).toEqual(["declared", "start"]);
    expect(fleet.wire.of("registry.crashed", "thing.main")).toEqual([]);
    fleet.tcs.signal("SIGTERM");
    expect(await within("the end of tcs", fleet.tcs.exited)).toBe(143);
  });

  test("never overlaps itself: a run that is due meanwhile is skipped", async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - {type: thing, schedule: {every: 0.2s}}\n",
      files: { "thing.ts": serviceFile("async execute() { await this.sleep(0.7); }", "BaseSingleShotService") },
    });
    await fleet.tcs.waitForLine(/thing\.main is due, but its last run goes on: this one is skipped/);
    await fleet.wire.waitForEvent("stop", "thing.main");
    const starts = fleet.wire.of("registry.start", "thing.main").length;
    const stops = fleet.wire.of("registry.stop", "thing.main").length;
    expect(starts - stops).toBeWithin(0, 2);
  });

  test("with overlap: queue, one run follows at once", async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - {type: thing, schedule: every 1s, overlap: queue}\n",
      files: { "thing.ts": serviceFile("async execute() { await this.sleep(1.2); }", "BaseSingleShotService") },
    });
    await fleet.tcs.waitForLine(/thing\.main is due \(queued\)/);
    await waitFor("two runs", () => fleet.wire.of("registry.start", "thing.main").length >= 2);
    expect(fleet.wire.of("registry.crashed", "thing.main")).toEqual([]);
  });
});

describe("tcs run --once", () => {
  test("ends when every service has done its work, with code 0", async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - thing\n  - {type: thing, variant: nightly, schedule: 0 12 * * *}\n",
      args: ["--once"],
      files: { "thing.ts": SHOT },
    });
    expect(await within("the end of tcs", fleet.tcs.exited)).toBe(0);
    for (const id of ["thing.main", "thing.nightly"]) {
      expect((await fleet.wire.waitForEvent("stop", id)).data.reason).toBe("completed");
    }
  });
  test("ends with code 1 and names what failed", async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - thing\n",
      args: ["--once"],
      files: { "thing.ts": serviceFile("async execute() { throw new Error('no'); }", "BaseSingleShotService") },
    });
    expect(await within("the end of tcs", fleet.tcs.exited)).toBe(1);
    expect(fleet.tcs.stderr).toContain("not done: thing.main");
  });
});

describe("after", () => {
  const order = (fleet: { wire: { records: readonly { subject: string }[] } }, kind: string) =>
    fleet.wire.records
      .filter(({ subject }) => subject.startsWith(`svc.registry.${kind}.`))
      .map(({ subject }) => subject.split(".").at(3));

  test("starts services in order of readiness and stops them in reverse", async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - {type: c, after: [b.main]}\n  - {type: b, after: a.main}\n  - {type: a}\n",
      files: {
        "a.ts": serviceFile(`async onStart() { await this.sleep(0.2); }\n${LOOP}`),
        "b.ts": serviceFile(`${LOOP}\nasync onStop() { await Bun.sleep(100); }`),
        "c.ts": serviceFile(`${LOOP}\nasync onStop() { await Bun.sleep(100); }`),
      },
    });
    await fleet.wire.waitForEvent("ready", "c.main");
    expect(order(fleet, "start")).toEqual(["a", "b", "c"]);
    expect(fleet.wire.of("status", "c.main")[0]?.data).toMatchObject({
      status: "startup",
      message: "Waiting for b.main",
    });
    fleet.tcs.signal("SIGTERM");
    await within("the end of tcs", fleet.tcs.exited);
    await fleet.wire.waitForEvent("stop", "a.main");
    expect(order(fleet, "stop")).toEqual(["c", "b", "a"]);
  });

  test("a service whose prerequisite failed waits, says for whom, and stops when asked", async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - {type: b, after: [a.main]}\n  - {type: a}\n",
      files: { "a.ts": serviceFile(`onStart() { throw new Error("no power"); }\n${LOOP}`), "b.ts": serviceFile(LOOP) },
    });
    await fleet.tcs.waitForLine(/0 of 2 services running/);
    expect(fleet.wire.of("registry.start", "b.main")).toEqual([]);
    fleet.tcs.signal("SIGTERM");
    await within("the end of tcs", fleet.tcs.exited);
    expect((await fleet.wire.waitForEvent("stop", "b.main")).data.reason).toBe("terminated");
  });

  test("waits through the restarts of its prerequisite", async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - {type: b, after: [a.main]}\n  - {type: a, restart: on-failure, restart_sec: 0.2}\n",
      files: {
        "a.ts": serviceFile(
          `async onStart() { if (!(await Bun.file("again").exists())) { await Bun.write("again", ""); throw new Error("first"); } }\n${LOOP}`,
        ),
        "b.ts": serviceFile(LOOP),
      },
    });
    await fleet.wire.waitForEvent("ready", "b.main");
    expect(fleet.wire.story("a.main").filter((step) => !step.startsWith("status"))).toEqual([
      "declared",
      "start",
      "crashed",
      "restarting",
      "start",
      "ready",
    ]);
  });
});
