// Faults of what a fleet stands on: the broker, the clock, the disk of the logs. They take their time, side by side.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Home, OWN_HOMES } from "../../src/config/types.ts";
import { fromWireTimestamp } from "../../src/messaging/timestamp.ts";
import { canMount, smallDisk } from "../logs/support.ts";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { canFakeTime, fakeClock } from "../support/faketime.ts";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { stored, whats } from "../support/stored.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";
import type { WireRecord } from "../support/wire.ts";
import { shownOf } from "./support.ts";

const LIMIT_MS = 120_000;

/** Tells that it runs; its launcher knows it by then. Falls once for every file `fall.<n>`, in order. */
const FALLS = `async runService() {
  const { renameSync } = await import("node:fs");
  this.logger.info("runs");
  while (this.isRunning) {
    await this.sleep(0.02);
    try { renameSync("fall." + this.id, "fallen." + this.id); } catch { continue; }
    throw new Error("fell");
  }
}`;

const rowsOf = (home: Home) => [
  `{type: steady_${home}, launcher: ${home}}`,
  `{type: falls_${home}, launcher: ${home}, restart: always, restart_sec: 0.05}`,
  `{type: breaks_${home}, launcher: ${home}}`,
];
const idsOf = (home: Home) => [`steady_${home}.main`, `falls_${home}.main`, `breaks_${home}.main`];

for (const [when, seconds] of [
  ["1 s", 1],
  ["30 s", 30],
  ["at the start", 12],
] as const) {
  test.concurrent(
    `broker gone ${when}: what happened meanwhile arrives in order with its own times, one fresh heartbeat, the true status`,
    async () => {
      await using broker = await startNats();
      using folder = tempFolder();
      const rows = OWN_HOMES.flatMap(rowsOf).map((row) => `  - ${row}\n`);
      await folder.write("services.yaml", `nats: {port: ${broker.port}}\nservices:\n${rows.join("")}`);
      for (const home of OWN_HOMES) {
        await folder.write(`steady_${home}.ts`, serviceFile(LOOP));
        await folder.write(`falls_${home}.ts`, serviceFile(FALLS));
        await folder.write(`breaks_${home}.ts`, serviceFile(FALLS));
      }
      const atStart = when === "at the start";
      if (atStart) await broker.kill();
      let goneAt = Date.now();
      await using tcs = spawnTcs(["run"], { cwd: folder.path });
      await tcs.waitForLine(/9 of 9 services running/);
      const ids = OWN_HOMES.flatMap(idsOf);
      // Heartbeats are counted from when services run.
      let sinceAt = Date.now();
      if (!atStart) {
        await waitFor("a heartbeat of each", async () => {
          const beats = await Promise.all(ids.map((id) => stored(broker, "heartbeat", id)));
          return beats.every(({ length }) => length > 0);
        });
        await broker.kill();
        goneAt = sinceAt = Date.now();
        await tcs.waitForLine(/connection to the broker lost/);
      }
      for (const home of OWN_HOMES) {
        await folder.write(`fall.falls_${home}.main`, "");
        await folder.write(`fall.breaks_${home}.main`, "");
        await tcs.waitForLine(new RegExp(`falls_${home}\\.main ended: fell; restarts`));
        await tcs.waitForLine(new RegExp(`breaks_${home}\\.main ended: fell; not restarted`));
        // What is to happen in the outage has happened before it is over.
        await tcs.waitForLine(new RegExp(`falls_${home}\\.main ended: fell; restarts[^]*falls_${home}\\.main +runs\n`));
      }
      await Bun.sleep(sinceAt + seconds * 1000 - Date.now());
      const backAt = Date.now();
      await broker.start();
      await tcs.waitForLine(/connected to the broker$/m);
      const settled = await waitFor("the true status of all", async () => {
        const { services } = await shownOf(broker);
        const status = new Map(services.map((it) => [it.service_id, it]));
        return ids.every((id) => status.get(id)?.status === (id.startsWith("breaks") ? "failed" : "ok")) && status;
      });
      for (const home of OWN_HOMES) {
        expect(settled.get(`falls_${home}.main`)).toMatchObject({ running: true, health: "ok", restart_attempt: 1 });
        expect(settled.get(`breaks_${home}.main`)).toMatchObject({ running: false, health: "failed" });
        const falls = await stored(broker, "registry", `falls_${home}.main`);
        expect(whats(falls)).toEqual(["declared", "start", "ready", "crashed", "restarting", "start", "ready"]);
        const breaks = await stored(broker, "registry", `breaks_${home}.main`);
        expect(whats(breaks)).toEqual(["declared", "start", "ready", "crashed"]);
        expect(whats(await stored(broker, "status", `falls_${home}.main`))).toEqual([
          ...["startup", "ok", "error", "startup", "ok"],
        ]);
        const before = atStart ? 0 : 3;
        for (const { happenedAt, saidAt, storedAt } of [...falls.slice(before), ...breaks.slice(before)]) {
          expect([happenedAt, saidAt].every((time) => time >= goneAt && time <= backAt)).toBe(true);
          expect(storedAt).toBeGreaterThanOrEqual(backAt);
        }
        const times = falls.map(({ happenedAt }) => happenedAt);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        const beats = await stored(broker, "heartbeat", `steady_${home}.main`);
        // Every 10 s one: of those that fell into the outage the last is told, if it is fresh, and no other.
        const kept = beats.filter(({ happenedAt, storedAt }) => happenedAt < backAt && storedAt >= backAt);
        if (seconds >= 10) expect(kept.length).toBe(1);
        else expect(kept.length).toBeLessThanOrEqual(1);
        for (const { happenedAt, storedAt } of kept) expect(storedAt - happenedAt).toBeLessThan(11_000);
      }
      tcs.signal("SIGTERM");
      expect(await within("the end of tcs", tcs.exited)).toBe(143);
    },
    LIMIT_MS,
  );
}

describe.skipIf(!canFakeTime)("clock", () => {
  const HOUR = 3600;
  for (const [way, hours] of [
    ["forward", 1],
    ["back", -1],
  ] as const) {
    test.concurrent(
      `clock set ${way} by an hour: delays, limits, watchdog and schedule go by what time really passes`,
      async () => {
        using clockFolder = tempFolder();
        const clock = fakeClock(clockFolder.path);
        await using fleet = await runFleet({
          yaml: `services:
  - {type: loops, launcher: process, restart: always, restart_sec: 1, restart_max: 0}
  - {type: limited, restart: always, restart_sec: 0.05, restart_max: 2, restart_window: 60}
  - {type: hangs, watchdog_sec: 2, restart: on-failure, restart_sec: 0}
  - {type: ticks, schedule: {every: 1s}}
${OWN_HOMES.map((home) => `  - {type: steady_${home}, launcher: ${home}, watchdog_sec: 5, restart: always}\n`).join("")}`,
          files: {
            "loops.ts": serviceFile('async runService() { await this.sleep(0.01); throw new Error("again"); }'),
            "limited.ts": serviceFile(FALLS),
            "hangs.ts": serviceFile(`async runService() {
              while (!(await Bun.file("hang").exists())) await this.sleep(0.02);
              if (!(await Bun.file("hung").exists())) { await Bun.write("hung", ""); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); }
              while (this.isRunning) await this.sleep(1000);
            }`),
            "ticks.ts": serviceFile("async execute() {}", "BaseSingleShotService"),
            ...Object.fromEntries(OWN_HOMES.map((home) => [`steady_${home}.ts`, serviceFile(LOOP)])),
          },
          env: clock.env,
        });
        const { wire, folder } = fleet;
        const runsOf = (id: string) => wire.of("registry.start", id).length;
        const fall = async (nth: number) => {
          await folder.write("fall.limited.main", "");
          await wire.waitForEvent("crashed", "limited.main", nth);
        };
        for (const home of OWN_HOMES) await wire.waitForEvent("ready", `steady_${home}.main`);
        await wire.waitForEvent("ready", "hangs.main");
        await wire.waitForEvent("restarting", "loops.main", 1);
        await wire.waitForEvent("stop", "ticks.main", 2);
        await fall(1);

        clock.set(hours * HOUR);
        const setAt = performance.now();
        const [loops, ticks] = [runsOf("loops.main"), runsOf("ticks.main")];
        await fall(2);
        await wire.waitForEvent("ready", "limited.main", 3);
        await fall(3);
        const failed = await wire.waitForEvent("failed", "limited.main");
        expect(failed.data).toMatchObject({ reason: "restart_limit_reached", restart_count: 2 });
        await folder.write("hang", "");
        const hung = await wire.waitForEvent("crashed", "hangs.main");
        expect(hung.data.message).toBe("watchdog: no sign of life for 2 s");
        await wire.waitForEvent("ready", "hangs.main", 2);
        await wire.waitForEvent("start", "ticks.main", ticks + 3);
        await wire.waitForEvent("start", "loops.main", loops + 3);
        // What is said now has the new time, and the view is right by it.
        const beat = ({ subject }: WireRecord) => subject === "svc.heartbeat.steady_process.main";
        await wire.waitFor("a new heartbeat", (record) => beat(record) && record.arrivedMs > setAt);
        const saidAt = fromWireTimestamp(wire.records.findLast(beat)?.data.timestamp) ?? Number.NaN;
        expect(Math.abs(saidAt - Date.now() - hours * HOUR * 1000)).toBeLessThan(60_000);
        // The view goes by the broker's clock, and by that of who looks.
        const { services } = await shownOf(fleet.broker);
        const shown = new Map(services.map(({ service_id, status, health }) => [service_id, `${status} ${health}`]));
        for (const home of OWN_HOMES) expect([home, shown.get(`steady_${home}.main`)]).toEqual([home, "ok ok"]);
        expect([shown.get("hangs.main"), shown.get("limited.main")]).toEqual(["ok ok", "failed failed"]);

        // By the broker's clock, which is the real one.
        const story = await stored(fleet.broker, "registry", "loops.main");
        const timesOf = (event: string) => story.filter(({ what }) => what === event).map(({ storedAt }) => storedAt);
        const crashes = timesOf("crashed");
        const delays = timesOf("restarting").map((at, n) => at - (crashes[n] ?? 0));
        expect(delays.length).toBeGreaterThanOrEqual(loops + 2);
        // A broker whose disk is busy may store the first of two late.
        expect(Math.min(...delays)).toBeGreaterThan(400);
        expect(Math.max(...delays)).toBeLessThan(15_000);
        for (const home of OWN_HOMES) expect(wire.of("registry.crashed", `steady_${home}.main`)).toEqual([]);
        expect(await fleet.stop()).toBe(143);
      },
      LIMIT_MS,
    );
  }
});

describe.skipIf(!canMount)("log disk", () => {
  test.concurrent(
    "log disk full: services go on, a single warning, status and orders answer, and logging goes on when there is room",
    async () => {
      using disk = smallDisk("1m");
      await using fleet = await runFleet({
        yaml: "services:\n  - flood\n  - hello_world\n",
        files: {
          "flood.ts": serviceFile(`async runService() {
            for (let n = 0; this.isRunning; n++) { this.logger.info("line", n, "${"x".repeat(1000)}"); await this.sleep(0.001); }
          }`),
        },
        env: { TCS_STATE_DIR: disk.path },
      });
      const { tcs, wire, broker } = fleet;
      await tcs.waitForLine(/logs cannot be written to .*ENOSPC/, 60_000);
      const before = wire.of("heartbeat", "flood.main").length;
      const { code, services } = await shownOf(broker);
      expect(services.map(({ service_id, status, running }) => [service_id, status, running])).toEqual([
        ["flood.main", "ok", true],
        ["hello_world.main", "ok", true],
      ]);
      expect(code).toBe(0);
      const order = (verb: string) => runTcs([verb, "hello_world.main", "--port", String(broker.port)]);
      expect(await order("restart")).toMatchObject({ code: 0 });
      expect((await order("stop")).stdout).toContain("hello_world.main stopped");
      await wire.waitFor("a heartbeat on a full disk", ({ subject }) => subject === "svc.heartbeat.flood.main", {
        count: before + 1,
      });
      expect(tcs.stderr.match(/logs cannot be written/g)?.length).toBe(1);
      // Stopped, so that there is room for long: what is rotated away makes room for a moment only.
      await order("stop").then(() => runTcs(["stop", "flood.main", "--port", String(broker.port)]));
      const logs = join(disk.path, "logs");
      for (const launcher of readdirSync(logs)) {
        for (const name of readdirSync(join(logs, launcher)))
          if (name.startsWith("flood")) rmSync(join(logs, launcher, name));
      }
      await tcs.waitForLine(/logs are written to .* again/);
      expect(await order("start")).toMatchObject({ code: 0 });
      await waitFor("its lines in the file", () => {
        const [launcher = ""] = readdirSync(logs);
        return (
          readFileSync(join(logs, launcher, "hello_world.main.jsonl"), "utf8")
            .trim()
            .split("\n").length > 2
        );
      });
      expect(await fleet.stop()).toBe(143);
      expect(wire.of("registry.crashed", "flood.main")).toEqual([]);
    },
    LIMIT_MS,
  );
});
