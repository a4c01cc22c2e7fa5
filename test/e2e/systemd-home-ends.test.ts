// What systemd does to services by itself, and what their launcher tells of it.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { LOOP, serviceFile } from "../support/fleet.ts";
import { systemdOrSay } from "../support/systemd.ts";
import { startUnitFleet, type UnitFleet } from "../support/unit-fleet.ts";
import { waitFor } from "../support/wait.ts";

const YAML = `
defaults: {launcher: systemd, restart: on-failure, restart_sec: 0}
systemd:
  properties: {MemoryMax: 400M, MemorySwapMax: 0}
services:
  - {type: hangs, watchdog_sec: 1}
  - {type: falls, restart_max: 2, restart_window: 60}
  - {type: eats, restart: "no"}
  - {type: steady, restart_sec: 60}
`;
const FILES = {
  "hangs.ts": serviceFile(LOOP).replace("Thing", "Hangs"),
  "steady.ts": serviceFile(LOOP).replace("Thing", "Steady"),
  "falls.ts": serviceFile(`async runService() { await this.sleep(0.05); throw new Error("the dome is stuck"); }`),
  "eats.ts": serviceFile(`async runService() {
    const kept: Uint8Array[] = [];
    while (this.isRunning) {
      if (await Bun.file("eat").exists()) { const more = new Uint8Array(32 * 2 ** 20); more.fill(1); kept.push(more); }
      await this.sleep(0.02);
    }
  }`),
};

describe.skipIf(!systemdOrSay())("ends that systemd brings about", () => {
  let fleet: UnitFleet;
  beforeAll(async () => {
    fleet = await startUnitFleet({ yaml: YAML, files: FILES });
    await fleet.launch();
  }, 60_000);
  afterAll(() => fleet[Symbol.asyncDispose]());

  test("a service that is stopped dead is ended by systemd's watchdog, and started again", async () => {
    await fleet.wire.waitForEvent("ready", "hangs.main");
    await fleet.signal("hangs.main", "STOP");
    const crashed = await fleet.wire.waitForEvent("crashed", "hangs.main");
    expect(crashed.data).toMatchObject({
      exit_code: -9,
      will_restart: true,
      message: "watchdog: no sign of life for 1 s",
    });
    await fleet.wire.waitForEvent("ready", "hangs.main", 2);
  });

  test("a service that falls again and again is given up by systemd's start limit, and says why itself", async () => {
    const failed = await fleet.wire.waitForEvent("failed", "falls.main");
    expect(failed.data).toMatchObject({ reason: "restart_limit_reached", restart_count: 2 });
    const crashes = fleet.wire.of("registry.crashed", "falls.main");
    expect(crashes.map(({ data }) => data.message)).toEqual(Array(3).fill("the dome is stuck"));
    expect(fleet.wire.of("registry.start", "falls.main")).toHaveLength(3);
    expect(fleet.wire.of("registry.restarting", "falls.main").map(({ data }) => data.restart_attempt)).toEqual([1, 2]);
    const status = fleet.wire.of("status", "falls.main").at(-1)?.data;
    expect(status).toMatchObject({
      status: "failed",
      message: expect.stringContaining("Restart limit reached (2 in 60 s)"),
    });
    expect(await fleet.property("falls.main", "ActiveState")).toBe("failed");
  });

  test("one that was given up runs again when it is told to, and its starts count anew", async () => {
    await fleet.wire.waitForEvent("failed", "falls.main");
    await fleet.tcs("start", "falls.main");
    await fleet.wire.waitForEvent("failed", "falls.main", 2);
    expect(fleet.wire.of("registry.start", "falls.main")).toHaveLength(6);
  });

  test("a service that takes more memory than it may is killed by the kernel, and its launcher says so", async () => {
    await fleet.wire.waitForEvent("ready", "eats.main");
    if ((await fleet.property("eats.main", "MemoryMax")) === "infinity") throw new Error("no memory controller here");
    await Bun.write(`${fleet.folder}/eat`, "");
    const crashed = await fleet.wire.waitForEvent("crashed", "eats.main");
    // With control groups of version 1 systemd does not hear of it.
    const isTold = (await fleet.property("eats.main", "Result")) === "oom-kill";
    const message = isTold ? "out of memory: killed by the kernel" : "killed by SIGKILL";
    expect(crashed.data).toMatchObject({ exit_code: -9, will_restart: false, message });
    expect((await fleet.tcs("why", "eats.main")).stdout).toContain(message);
  });

  test("a stop while systemd waits before the next start is an operator's stop", async () => {
    await fleet.wire.waitForEvent("ready", "steady.main");
    await fleet.signal("steady.main", "KILL");
    await fleet.wire.waitForEvent("crashed", "steady.main");
    expect(await fleet.property("steady.main", "SubState")).toBe("auto-restart");
    await fleet.systemctl("stop", "tcs@steady.main");
    const stop = await fleet.wire.waitForEvent("stop", "steady.main");
    expect(stop.data.set_by).toStartWith("systemctl@");
    await fleet.tcs("start", "steady.main");
    await fleet.signal("steady.main", "KILL");
    await fleet.wire.waitForEvent("crashed", "steady.main", 2);
    // The same by tcs; and systemd forgets what it was about to do.
    expect((await fleet.tcs("stop", "steady.main")).code).toBe(0);
    await waitFor("the end", async () => (await fleet.property("steady.main", "SubState")) === "dead");
  });

  test("a start at once does not wait for systemd's pause", async () => {
    await fleet.tcs("start", "steady.main");
    await fleet.signal("steady.main", "KILL");
    await fleet.wire.waitForEvent("crashed", "steady.main", 3);
    const started = await fleet.tcs("start", "steady.main");
    expect([started.stderr, started.stdout]).toEqual(["", expect.stringContaining("started")]);
    expect(await fleet.pidOf("steady.main")).toBeGreaterThan(0);
  });
});
