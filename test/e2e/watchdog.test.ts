// Services whose event loop stands still: seen, said, and ended where the configuration asks for it.
import { expect, test } from "bun:test";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { waitFor } from "../support/wait.ts";

/** Hangs in its first life only. */
const HANGS_ONCE = serviceFile(`async runService() {
    if (!(await Bun.file("hung").exists())) { await Bun.write("hung", ""); await this.sleep(0.05); for (;;) {} }
    while (this.isRunning) await this.sleep(1000);
  }`);

for (const home of ["worker", "process"] as const) {
  test(`in ${home}, a service that hangs is ended after watchdog_sec and restarted; its neighbour is left alone`, async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - {type: thing, watchdog_sec: 1, restart: on-failure, restart_sec: 0}\n  - hello_world.neighbour\n",
      files: { "thing.ts": HANGS_ONCE },
      args: ["--launcher", home],
    });
    const { wire } = fleet;
    const crashed = await wire.waitForEvent("crashed", "thing.main");
    expect(crashed.data).toMatchObject({ will_restart: true, message: "watchdog: no sign of life for 1 s" });
    await waitFor("the second life", () => wire.of("registry.ready", "thing.main").length === 2);
    const story = wire.story("thing.main");
    expect(story.slice(story.indexOf("crashed")).filter((step) => !step.startsWith("status"))).toEqual([
      "crashed",
      "restarting",
      "start",
      "ready",
    ]);
    expect(wire.of("registry.crashed", "hello_world.neighbour")).toEqual([]);
  });
}

test("a service that is busy, but lets its loop turn, is left alone", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: thing, watchdog_sec: 1, restart: on-failure}\n",
    files: {
      "thing.ts": serviceFile(`async runService() {
        using task = this.monitor.trackTask();
        const end = performance.now() + 3000;
        while (performance.now() < end) { for (let i = 0; i < 1e6; i++); await Bun.sleep(0); }
        this.monitor.setStatus(Status.OK, "done");
        while (this.isRunning) await this.sleep(1000);
      }`),
    },
    args: ["--launcher", "worker"],
  });
  await fleet.wire.waitFor("the end of its work", ({ data }) => data.message === "done");
  expect(fleet.wire.of("registry.crashed", "thing.main")).toEqual([]);
});

test("while it starts, a service may be silent for longer than watchdog_sec", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: thing, watchdog_sec: 1, restart: on-failure}\n",
    files: {
      "thing.ts": serviceFile(
        `onStart() { const end = performance.now() + 2500; while (performance.now() < end); }\n${LOOP}`,
      ),
    },
    args: ["--launcher", "worker"],
  });
  await fleet.wire.waitForEvent("ready", "thing.main");
  expect(fleet.wire.of("registry.crashed", "thing.main")).toEqual([]);
});

test("a process that is stopped (SIGSTOP) is ended by the watchdog", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: thing, watchdog_sec: 1, restart: on-failure, restart_sec: 0}\n",
    files: { "thing.ts": serviceFile(LOOP) },
    args: ["--launcher", "process"],
  });
  await fleet.wire.waitForEvent("ready", "thing.main");
  const [start] = fleet.wire.of("registry.start", "thing.main");
  process.kill(Number(start?.data.pid), "SIGSTOP");
  const crashed = await fleet.wire.waitForEvent("crashed", "thing.main");
  expect(crashed.data).toMatchObject({ exit_code: -9, will_restart: true });
  await waitFor("the second life", () => fleet.wire.of("registry.ready", "thing.main").length === 2);
});

test("SIGSTOP of a process is seen after 30 s and clears at SIGCONT; a start that hangs is ended after as long", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - hello_world.main\n  - {type: thing, watchdog_sec: 1}\n",
    files: {
      "thing.ts": serviceFile(`onStart() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); }\n${LOOP}`),
    },
    args: ["--launcher", "process"],
  });
  await fleet.wire.waitForStatus("hello_world.main", "ok");
  const pid = Number(fleet.wire.of("registry.start", "hello_world.main")[0]?.data.pid);
  process.kill(pid, "SIGSTOP");
  const silent = await fleet.wire.waitFor(
    "the silence",
    ({ data }) => data.name === "hello_world.main" && data.message === "No sign of life for 30 s",
    { limitMs: 60_000 },
  );
  expect(silent.data.status).toBe("error");
  const crashed = await fleet.wire.waitForEvent("crashed", "thing.main");
  expect(crashed.data).toMatchObject({ exit_code: -9, message: "watchdog: no sign of life for 30 s" });
  process.kill(pid, "SIGCONT");
  await waitFor("the all-clear", () => fleet.wire.of("status", "hello_world.main").at(-1)?.data.status === "ok");
  expect(fleet.wire.of("registry.crashed", "hello_world.main")).toEqual([]);
}, 90_000);

test("in inline, a standstill is logged and told when it is over", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: thing, watchdog_sec: 1}\n",
    files: {
      "thing.ts": serviceFile(`async runService() {
        await this.sleep(0.7);
        const end = performance.now() + 3500;
        while (performance.now() < end);
        while (this.isRunning) await this.sleep(1000);
      }`),
    },
    args: ["--launcher", "inline"],
  });
  await fleet.tcs.waitForLine(
    /event loop stood still for \d\.\d s, because of one of its inline services: thing\.main/,
  );
  const told = await fleet.wire.waitFor("the standstill", ({ data }) =>
    String(data.message).startsWith("The event loop stood still for"),
  );
  expect(told.data.status).toBe("error");
  await waitFor("the all-clear", () => fleet.wire.of("status", "thing.main").at(-1)?.data.status === "ok");
});
