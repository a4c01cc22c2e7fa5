// Faults of the Python framework in looking after services (1, 4 to 10, 13 to 16): each is shown to be absent here.
import { expect, test } from "bun:test";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { OWN_HOMES } from "../../src/config/types.ts";
import { FakeFleet } from "../client/fleet.ts";
import { publishFleet } from "../client/publish.ts";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { canFakeTime, fakeClock } from "../support/faketime.ts";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { commandOf, processesWith } from "../support/processes.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";
import { shownOf } from "./support.ts";

/** Rows of `count` services, `thing.v0` and on. */
const rows = (count: number, more = "") =>
  Array.from({ length: count }, (_, n) => `  - {type: hello_world, variant: v${n}${more}}\n`).join("");

test("fault 1: of twenty services each one that is killed is restarted, and is not shown as well meanwhile", async () => {
  await using fleet = await runFleet({
    yaml: `services:\n${rows(20, ", launcher: process, restart: on-failure, restart_sec: 0.05")}`,
  });
  const { wire } = fleet;
  await fleet.tcs.waitForLine(/20 of 20 services running/);
  const ids = Array.from({ length: 20 }, (_, n) => `hello_world.v${n}`);
  const pids = await Promise.all(ids.map(async (id) => Number((await wire.waitForEvent("start", id)).data.pid)));
  expect(new Set(pids).size).toBe(20);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  await Promise.all(ids.map((id) => wire.waitForStatus(id, "ok", 2)));
  for (const id of ids) {
    expect(wire.of("registry.crashed", id).map(({ data }) => data.exit_code)).toEqual([-9]);
    expect(wire.story(id).slice(5, 7).toSorted()).toEqual(["crashed", "status error"]);
  }
});

const STUBBORN = "async runService() { for (;;) { try { await this.sleep(0.5); } catch { /* swallowed */ } } }";
test("fault 4: a loop that swallows every sign of the stop ends, without spinning; the recommended one ends at once", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: stubborn, launcher: process}\n  - {type: good, launcher: process}\n",
    files: { "stubborn.ts": serviceFile(STUBBORN), "good.ts": serviceFile(LOOP) },
    args: ["--terminate-delay", "5"],
  });
  const { wire, tcs } = fleet;
  await wire.waitForStatus("good.main", "ok");
  await wire.waitForStatus("stubborn.main", "ok");
  const pid = Number((await wire.waitForEvent("start", "stubborn.main")).data.pid);
  // proc(5): user and system time, fields 14 and 15 of stat, in ticks of 10 ms.
  const cpuTicks = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = cpuTicks();
  tcs.signal("SIGTERM");
  await wire.waitForEvent("stop", "good.main");
  expect(wire.of("registry.stop", "stubborn.main")).toEqual([]);
  // A loop that spins has 100 ticks a second on an idle machine, and enough on a busy one.
  await Bun.sleep(1200);
  expect(cpuTicks() - before).toBeLessThan(30);
  expect(await within("the end of tcs", tcs.exited)).toBe(143);
  expect(wire.of("registry.stop", "good.main")[0]?.data.reason).toBe("terminated");
});

test("fault 5: the view shows no dead service as well: killed, or at its restart limit", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: killed, launcher: process}\n  - {type: limit, restart: always, restart_sec: 0.01, restart_max: 1}\n  - hello_world\n",
    files: {
      "killed.ts": serviceFile(LOOP),
      "limit.ts": serviceFile("async runService() { throw new Error('lost'); }"),
    },
  });
  const { wire } = fleet;
  await wire.waitForStatus("killed.main", "ok");
  process.kill(Number((await wire.waitForEvent("start", "killed.main")).data.pid), "SIGKILL");
  await wire.waitForStatus("killed.main", "failed");
  await wire.waitForStatus("limit.main", "failed");
  const { code, services } = await shownOf(fleet.broker);
  const status = Object.fromEntries(services.map(({ service_id, status }) => [service_id, status]));
  expect(status).toEqual({ "killed.main": "failed", "limit.main": "failed", "hello_world.main": "ok" });
  expect(code).toBe(6);
});

test("fault 5: nor when only the crash is told, and the last status message says ok", async () => {
  await using broker = await startNats();
  const seen = new FakeFleet().launcher();
  for (const [id, status] of [
    ["gone.main", "failed"],
    ["falls.main", "error"],
  ] as const) {
    seen.healthy(id, 600, 60).event(id, "crashed", 50, { status, exit_code: -9, will_restart: status === "error" });
  }
  seen.healthy("limit.main", 600, 60).event("limit.main", "failed", 50, { reason: "restart_limit_reached" });
  await publishFleet(broker.url, seen.healthy("well.main"));
  const { code, services } = await shownOf(broker);
  const status = Object.fromEntries(services.map(({ service_id, status }) => [service_id, status]));
  expect(status).toEqual({ "gone.main": "failed", "falls.main": "error", "limit.main": "failed", "well.main": "ok" });
  expect(code).toBe(6);
});

test.skipIf(!canFakeTime)(
  "fault 5: nor when the whole launcher is dead: stale after 30 s, dead after 2 min",
  async () => {
    await using fleet = await runFleet({ yaml: "services:\n  - {type: hello_world, launcher: process}\n" });
    const start = await fleet.wire.waitForEvent("start", "hello_world.main");
    await fleet.wire.waitForEvent("ready", "hello_world.main");
    await fleet.stop("SIGKILL");
    using folder = tempFolder();
    const clock = fakeClock(folder.path);
    for (const [seconds, health] of [
      [60, "warning"],
      [180, "dead"],
    ] as const) {
      // As seen by somebody who looks so much later.
      clock.set(seconds);
      const args = ["status", "--all", "--json", "--check", "--port", String(fleet.broker.port)];
      const { code, stdout } = await runTcs(args, { env: clock.env });
      const shown: { service_id: string; health: string }[] = JSON.parse(stdout).services;
      const seen = Object.fromEntries(shown.map(({ service_id, health }) => [service_id, health]));
      expect(seen).toEqual({ "hello_world.main": health, [String(start.data.parent)]: health });
      expect(code).toBe(6);
    }
  },
);

test("fault 6: a start that fails is a crash with a code, restarted under on-failure, and shown by default", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: thing, restart: on-failure, restart_sec: 0.01, restart_max: 2}\n",
    files: { "thing.ts": serviceFile(`onStart() { throw new Error("no power"); }\n${LOOP}`) },
  });
  await fleet.wire.waitForEvent("failed", "thing.main");
  await fleet.wire.waitForStatus("thing.main", "failed");
  expect(fleet.wire.of("registry.crashed", "thing.main").map(({ data }) => data.exit_code)).toEqual([1, 1, 1]);
  expect(fleet.wire.of("registry.stop", "thing.main")).toEqual([]);
  const { code, services } = await shownOf(fleet.broker);
  expect(services.map(({ service_id, status }) => [service_id, status])).toEqual([["thing.main", "failed"]]);
  expect(code).toBe(6);
  const alone = await runTcs(["service", "thing.ts", "--port", String(fleet.broker.port)], { cwd: fleet.folder.path });
  expect(alone.code).toBe(1);
});

test("fault 7: in one loop, a service that fails to start or calls process.exit ends alone", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - broken\n  - quits\n  - quits0\n  - hello_world\n",
    args: ["--launcher", "inline"],
    files: {
      "broken.ts": serviceFile(`constructor() { super(); throw new Error("no camera"); }\n${LOOP}`),
      "quits.ts": serviceFile("async runService() { await this.sleep(0.01); process.exit(4); }"),
      "quits0.ts": serviceFile("async runService() { await this.sleep(0.01); process.exit(); }"),
    },
  });
  const { wire } = fleet;
  await wire.waitForStatus("hello_world.main", "ok");
  expect((await wire.waitForEvent("crashed", "broken.main")).data.exit_code).toBe(1);
  expect((await wire.waitForEvent("crashed", "quits.main")).data.exit_code).toBe(4);
  expect((await wire.waitForEvent("stop", "quits0.main")).data).toMatchObject({ reason: "completed", exit_code: 0 });
  expect(await fleet.stop()).toBe(143);
  expect(wire.of("registry.stop", "hello_world.main")[0]?.data.reason).toBe("terminated");
});

for (const home of OWN_HOMES) {
  test(`fault 8: in ${home}, an exception in runService is restarted; what has ended its work is not ok any more`, async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - {type: throws, restart: on-failure, restart_sec: 0.01}\n  - returns\n  - once\n",
      args: ["--launcher", home],
      files: {
        "throws.ts": serviceFile("async runService() { await this.sleep(0.01); throw new Error('lost'); }"),
        "returns.ts": serviceFile("async runService() { await this.sleep(0.01); }"),
        "once.ts": serviceFile("async execute() { await this.sleep(0.01); }", "BaseSingleShotService"),
      },
    });
    const { wire } = fleet;
    await wire.waitForEvent("restarting", "throws.main", 2);
    for (const id of ["returns.main", "once.main"]) {
      expect((await wire.waitForEvent("stop", id)).data).toMatchObject({ reason: "completed", exit_code: 0 });
      expect(wire.of("status", id).at(-1)?.data).toMatchObject({ status: "shutdown", message: "Service completed" });
    }
  });
}

test("fault 9: after SIGKILL of the launcher a relaunch has one of each service, and a stop leaves none", async () => {
  await using broker = await startNats();
  using folder = tempFolder();
  await folder.write("services.yaml", `nats: {port: ${broker.port}}\nservices:\n${rows(3, ", launcher: process")}`);
  const env = { TCS_TEST_MARK: folder.path };
  const hosts = () => processesWith(folder.path).filter(({ pid }) => commandOf(pid).includes("__host"));
  for (let round = 0; round < 2; round++) {
    await using tcs = spawnTcs(["run"], { cwd: folder.path, env: { ...env, TCS_STATE_DIR: `${folder.path}/state` } });
    await tcs.waitForLine(/3 of 3 services running/);
    await waitFor("one host for each service", () => hosts().length === 3);
    tcs.signal(round === 0 ? "SIGKILL" : "SIGTERM");
    await within("the end of tcs", tcs.exited);
  }
  await waitFor("the end of all of them", () => processesWith(folder.path).length === 0);
});

test("fault 9: a signal at any moment of the start-up ends all that was begun, and is not waited out", async () => {
  using folder = tempFolder();
  await folder.write(
    "services.yaml",
    `nats: {port: ${await freePort()}}\nservices:\n${rows(5, ", launcher: process")}`,
  );
  const ours = () => processesWith(folder.path);
  // Before anything is read, while files are checked, between the first process and the last, when all run.
  for (const ms of [0, 20, 40, 60, 80, 100, 130, 160, 200, 300]) {
    await using tcs = spawnTcs(["run"], { cwd: folder.path, env: { TCS_STATE_DIR: `${folder.path}/state` } });
    await Bun.sleep(ms);
    tcs.signal("SIGTERM");
    expect([ms, await within("the end of tcs", tcs.exited, 10_000)]).toEqual([ms, 143]);
    await waitFor(`the end of what was begun within ${ms} ms`, () => ours().length === 0, 10_000);
  }
});

test("fault 10: the story of a service is told whole and once: startup first, shutdown last, each message, none twice", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: thing}\n  - {type: again, restart: always, restart_sec: 0.01, restart_max: 1}\n",
    files: {
      "thing.ts": serviceFile(
        `async runService() { for (const n of [1, 1, 2]) { this.monitor.setStatus(Status.OK, "step " + n); await this.sleep(0.01); } ${LOOP.slice(LOOP.indexOf("{") + 1)}`,
      ),
      "again.ts": serviceFile("async runService() { await this.sleep(0.01); process.exit(0); }"),
    },
  });
  const { wire } = fleet;
  // `always` restarts exit code 0 too, and at the limit says failed.
  await wire.waitForEvent("failed", "again.main");
  await wire.waitFor("step 2", ({ data }) => data.message === "step 2");
  await fleet.stop();
  expect(wire.of("status", "thing.main").map(({ data }) => `${data.status} ${data.message}`)).toEqual([
    "startup Starting service",
    "ok Service running",
    "ok step 1",
    "ok step 2",
    "shutdown Stopping service",
    "shutdown Service stopped",
  ]);
  expect(wire.of("registry.stop", "thing.main").length).toBe(1);
  expect(wire.of("registry.failed", "again.main").length).toBe(1);
});

test("fault 13: an unquoted `restart: no` is a policy", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: hello_world, restart: no}\n  - {type: hello_world, variant: f, restart: false}\n",
  });
  for (const id of ["hello_world.main", "hello_world.f"]) {
    expect((await fleet.wire.waitForEvent("declared", id)).data.restart_policy).toBe("no");
  }
});

test("fault 14: the start of a fleet takes time in proportion to its services", async () => {
  const startMs = async (count: number) => {
    using folder = tempFolder();
    await folder.write("services.yaml", `nats: {port: ${await freePort()}}\nservices:\n${rows(count)}`);
    await using tcs = spawnTcs(["run", "--launcher", "inline"], { cwd: folder.path });
    const [, seconds] = await tcs.waitForLine(new RegExp(`${count} of ${count} services running after ([0-9.]+) s`));
    return Number(seconds) * 1000;
  };
  // Quadratic would be 100 times; fixed costs only help the smaller.
  expect((await startMs(1000)) / Math.max(10, await startMs(100))).toBeLessThan(40);
});

test("fault 15: of fifty services that stop together under load none is force-killed, nor one that cleans up for 2 s", async () => {
  await using fleet = await runFleet({
    yaml: `services:\n${rows(24, ", launcher: process")}${rows(49, ", launcher: worker").split("\n").slice(24).join("\n")}  - slow\n`,
    files: { "slow.ts": serviceFile(`async onStop() { await Bun.sleep(2000); }\n${LOOP}`) },
  });
  const { wire } = fleet;
  await fleet.tcs.waitForLine(/50 of 50 services running/);
  const load = Array.from({ length: 4 }, () => Bun.spawn(["sh", "-c", "while :; do :; done"]));
  try {
    expect(await fleet.stop()).toBe(143);
  } finally {
    for (const busy of load) busy.kill("SIGKILL");
  }
  const stops = wire.records.filter(({ subject }) => subject.startsWith("svc.registry.stop."));
  expect(stops.map(({ data }) => data.reason)).toEqual(Array(50).fill("terminated"));
});

test("fault 16: a frozen service says so within its watchdog, and is restarted", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: thing, launcher: process, watchdog_sec: 1, restart: on-failure, restart_sec: 0}\n",
    files: {
      // Its second life begins when it may, so that there is time to look.
      "thing.ts": serviceFile(
        `async onStart() { while (await Bun.file("frozen").exists()) await this.sleep(0.02); }\n${LOOP}`,
      ),
    },
  });
  const { wire, folder, broker } = fleet;
  const start = await wire.waitForEvent("start", "thing.main");
  await wire.waitForEvent("ready", "thing.main");
  await folder.write("frozen", "");
  process.kill(Number(start.data.pid), "SIGSTOP");
  expect((await wire.waitForStatus("thing.main", "error")).data.message).toBe("No sign of life for 1 s");
  expect((await shownOf(broker)).services.map(({ status }) => status)).not.toContain("ok");
  rmSync(join(folder.path, "frozen"));
  await wire.waitForStatus("thing.main", "ok", 2);
  expect((await shownOf(broker)).services.map(({ status, running }) => [status, running])).toEqual([["ok", true]]);
});
