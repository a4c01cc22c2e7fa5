// Restarts from end to end: when, how often, and what the wire hears of it. (What is restarted: exits/exit-matrix.test.ts)
import { describe, expect, test } from "bun:test";
import { OWN_HOMES } from "../../src/config/types.ts";
import { fromWireTimestamp } from "../../src/messaging/timestamp.ts";
import { runFleet, serviceFile } from "../support/fleet.ts";

/** Ends after a moment, as `how` says. */
const ends = (how: string) => serviceFile(`async runService() { await this.sleep(0.02); ${how} }`);
const RETURNS = ends("");
const THROWS = ends("throw new Error('lost star');");

const row = (policy: string, more = "") =>
  `services:\n  - {type: thing, restart: ${policy}, restart_sec: 0.05${more}}\n`;

for (const home of OWN_HOMES) {
  describe(`in ${home}`, () => {
    const run = (yaml: string, file: string) =>
      runFleet({ yaml, files: { "thing.ts": file }, args: ["--launcher", home] });

    test("on-failure restarts a crash up to its limit, then says failed, with every field of the protocol", async () => {
      await using fleet = await run(row("on-failure", ", restart_max: 2, restart_window: 60"), THROWS);
      const { wire } = fleet;
      const failed = await wire.waitForEvent("failed", "thing.main");
      expect(failed.data).toMatchObject({ status: "failed", reason: "restart_limit_reached", restart_count: 2 });
      await wire.waitForStatus("thing.main", "failed");
      await fleet.stop();
      const events = wire.story("thing.main").filter((step) => !step.startsWith("status"));
      const life = ["start", "ready", "crashed"];
      expect(events).toEqual(["declared", ...life, "restarting", ...life, "restarting", ...life, "failed"]);
      const crashes = wire.of("registry.crashed", "thing.main").map(({ data }) => data);
      for (const [n, data] of crashes.entries()) {
        const willRestart = n < 2;
        expect(data).toMatchObject({
          event: "crashed",
          service_id: "thing.main",
          status: willRestart ? "error" : "failed",
          exit_code: 1,
          restart_policy: "on-failure",
          will_restart: willRestart,
        });
      }
      const restarts = wire.of("registry.restarting", "thing.main").map(({ data }) => data);
      expect(
        restarts.map(({ status, restart_attempt, max_restarts }) => [status, restart_attempt, max_restarts]),
      ).toEqual([
        ["startup", 1, 2],
        ["startup", 2, 2],
      ]);
      for (const { subject, data } of wire.records.filter(({ subject }) => subject.startsWith("svc.registry"))) {
        expect([subject, data.parent, data.runner_id]).toEqual([subject, failed.data.parent, failed.data.runner_id]);
      }
      expect(wire.of("status", "thing.main").at(-1)?.data).toMatchObject({
        status: "failed",
        message: expect.stringContaining("Restart limit reached (2 in 60 s)"),
      });
      expect(fleet.tcs.stderr.match(/restart limit reached/gi)?.length).toBe(1);
    });

    test("always restarts a clean end too, and tells it as a completed stop", async () => {
      await using fleet = await run(row("always", ", restart_max: 0"), RETURNS);
      const { wire } = fleet;
      const again = await wire.waitForEvent("restarting", "thing.main", 2);
      expect(again.data).toMatchObject({ max_restarts: null });
      expect(wire.of("registry.stop", "thing.main")[0]?.data).toMatchObject({ reason: "completed", exit_code: 0 });
      expect(wire.of("registry.crashed", "thing.main")).toEqual([]);
      expect(wire.story("thing.main").slice(0, 10)).toEqual([
        ...["declared", "start", "status startup", "status ok", "ready"],
        ...["status shutdown", "status shutdown", "stop", "restarting", "start"],
      ]);
    });

    test("a failure at start-up is a failure: restarted under on-failure, and never told as a stop", async () => {
      await using fleet = await run(
        row("on-failure", ", restart_max: 1"),
        serviceFile(`onStart() { throw new Error("no power"); }\nasync runService() {}`),
      );
      await fleet.wire.waitForEvent("failed", "thing.main");
      expect(fleet.wire.of("registry.crashed", "thing.main").length).toBe(2);
      expect(fleet.wire.of("registry.stop", "thing.main")).toEqual([]);
      expect(fleet.wire.of("registry.ready", "thing.main")).toEqual([]);
    });

    test("Ctrl-C while a service waits for its restart ends it: nothing starts any more", async () => {
      await using fleet = await run(row("always").replace("0.05", "30"), THROWS);
      await fleet.wire.waitForEvent("crashed", "thing.main");
      expect(await fleet.stop("SIGINT")).toBe(130);
      expect(fleet.wire.of("registry.start", "thing.main").length).toBe(1);
      expect(fleet.wire.of("status", "thing.main").at(-1)?.data.status).toBe("shutdown");
      expect(fleet.wire.of("registry.stop", "thing.main").length).toBe(1);
    });
  });
}

test("restart_sec is waited, and a service that crashes again and again leaves the others alone", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: thing, restart: always, restart_sec: 0.3}\n  - {type: thing, variant: fast, restart: always, restart_sec: 0}\n  - hello_world\n",
    files: { "thing.ts": THROWS },
  });
  const { wire } = fleet;
  await wire.waitForEvent("restarting", "thing.main", 2);
  await wire.waitForEvent("restarting", "thing.fast", 5);
  const time = (event: string) => fromWireTimestamp(wire.of(`registry.${event}`, "thing.main")[0]?.data.timestamp) ?? 0;
  expect(time("restarting") - time("crashed")).toBeGreaterThanOrEqual(299);
  await fleet.stop();
  expect(wire.of("registry.start", "hello_world.main").length).toBe(1);
});
