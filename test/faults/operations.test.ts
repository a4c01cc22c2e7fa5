// Faults that operators meet, by name: a launcher that is killed, a program that is missing, children that do not obey.
import { describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { OWN_HOMES } from "../../src/config/types.ts";
import { runTcs, spawnTcs, tcsBinary } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";
import { countable, instancesOf } from "../support/instances.ts";
import { startNats } from "../support/nats.ts";
import { commandOf, processesWith } from "../support/processes.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";
import { shownOf } from "./support.ts";

/** All gone within 5 s, and something for a busy machine. */
const ORPHANS_LIMIT_MS = 10_000;

/** Whatever a fleet has started inherits this. */
const markOf = (fleet: TestFleet) => `TCS_STATE_DIR=${fleet.tcs.stateDir}`;

for (const home of OWN_HOMES) {
  test.concurrent(`launcher SIGKILL in ${home}: all it ran is gone within seconds, and the next run has one instance of each`, async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - a\n  - b\n",
      files: { "a.ts": serviceFile(countable()), "b.ts": serviceFile(countable()) },
      args: ["--launcher", home],
    });
    for (const id of ["a.main", "b.main"]) expect([id, await instancesOf(fleet, id)]).toEqual([id, 1]);
    expect(await fleet.stop("SIGKILL")).toBe(137);
    // At once, before the last process of the first run has gone.
    await using again = spawnTcs(["run", "--launcher", home], {
      cwd: fleet.folder.path,
      env: { TCS_STATE_DIR: fleet.tcs.stateDir },
    });
    await again.waitForLine(/2 of 2 services running/);
    const hosts = () => processesWith(markOf(fleet)).filter(({ pid }) => commandOf(pid).includes("__host"));
    await waitFor(
      "the end of the first run's hosts",
      () => hosts().length === (home === "process" ? 2 : 0),
      ORPHANS_LIMIT_MS,
    );
    for (const id of ["a.main", "b.main"]) expect([id, await instancesOf(fleet, id)]).toEqual([id, 1]);
    again.signal("SIGTERM");
    expect(await within("the end of tcs", again.exited)).toBe(143);
    await waitFor("the end of everything", () => processesWith(markOf(fleet)).length === 0, ORPHANS_LIMIT_MS);
  });

  test.concurrent(`missing executable in ${home}: a service whose file has gone fails alone, and runs when it is back`, async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - {type: thing, restart: on-failure, restart_sec: 0.2, restart_max: 0}\n  - good\n",
      files: {
        "good.ts": serviceFile(LOOP),
        "thing.ts": serviceFile(`async runService() {
          while (!(await Bun.file("fall").exists())) await this.sleep(0.02);
          await Bun.file("fall").delete();
          process.exit(3);
        }`),
      },
      args: ["--launcher", home],
    });
    const { wire, folder } = fleet;
    await wire.waitForEvent("ready", "thing.main");
    await wire.waitForEvent("ready", "good.main");
    const file = join(folder.path, "thing.ts");
    renameSync(file, `${file}.gone`);
    await folder.write("fall", "");
    const { data } = await wire.waitForEvent("crashed", "thing.main");
    expect(data).toMatchObject({ exit_code: 3, will_restart: true });
    // In the launcher's loop a file is loaded once.
    if (home !== "inline") {
      const missing = await wire.waitForEvent("crashed", "thing.main", 2);
      expect(missing.data).toMatchObject({
        exit_code: 1,
        will_restart: true,
        message: expect.stringContaining("thing.ts"),
      });
    }
    renameSync(`${file}.gone`, file);
    await wire.waitForEvent("ready", "thing.main", 2);
    expect(await fleet.stop()).toBe(143);
    expect(wire.of("registry.start", "good.main").length).toBe(1);
  });
}

test.concurrent("missing executable: without the program itself no process starts; it is told, tried again, and works when it is back", async () => {
  await using broker = await startNats();
  using folder = tempFolder();
  const program = join(folder.path, "own-tcs");
  copyFileSync(tcsBinary(), program);
  chmodSync(program, 0o755);
  await using fleet = await runFleet({
    broker,
    yaml: "services:\n  - {type: hello_world, launcher: process, restart: on-failure, restart_sec: 0.2, restart_max: 0}\n",
    program,
  });
  const { wire } = fleet;
  const start = await wire.waitForEvent("start", "hello_world.main");
  await wire.waitForEvent("ready", "hello_world.main");
  renameSync(program, `${program}.gone`);
  process.kill(Number(start.data.pid), "SIGKILL");
  const missing = await wire.waitForEvent("crashed", "hello_world.main", 2);
  expect(missing.data).toMatchObject({ exit_code: 1, will_restart: true });
  expect(String(missing.data.message)).toMatch(/own-tcs/);
  await wire.waitForStatus("hello_world.main", "error", 2);
  const { services } = await shownOf(broker);
  expect(services.find(({ service_id }) => service_id === "hello_world.main")?.health).not.toBe("ok");
  renameSync(`${program}.gone`, program);
  await wire.waitForEvent("ready", "hello_world.main", 2);
  expect(await fleet.stop()).toBe(143);
});

/** A child that has forked a grandchild; neither heeds a signal that can be ignored, both have closed their stdio. */
const FAMILY = `trap "" TERM HUP INT; (exec sleep 1000 <&- >&- 2>&-) & exec sleep 1000 <&- >&- 2>&-`;
/** One that has left its process group and session besides. */
const DAEMON = `trap "" TERM HUP INT; exec setsid sleep 1000 <&- >&- 2>&-`;
const service = (...children: string[]) =>
  serviceFile(`onStart() {
    process.on("SIGTERM", () => {});
    ${children.map((text) => `Bun.spawn(["sh", "-c", ${JSON.stringify(text)}]);`).join("\n    ")}
  }
  async runService() {
    const { closeSync } = await import("node:fs");
    if (this.id.startsWith("silent")) for (const fd of [0, 1, 2]) try { closeSync(fd); } catch { /* closed before */ }
    while (this.isRunning) await this.sleep(1000);
  }`);
const asleep = (fleet: TestFleet) => processesWith(markOf(fleet)).filter(({ pid }) => commandOf(pid) === "sleep 1000");

describe("children that fork grandchildren, ignore SIGTERM and close their stdio", () => {
  for (const home of OWN_HOMES) {
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      test.concurrent(`in ${home}, are gone within seconds of ${signal} to the launcher, daemons among them too`, async () => {
        await using fleet = await runFleet({
          yaml: "services:\n  - family\n",
          files: { "family.ts": service(FAMILY, DAEMON) },
          args: ["--launcher", home],
        });
        await fleet.wire.waitForEvent("ready", "family.main");
        await waitFor("the family", () => asleep(fleet).length === 3);
        fleet.tcs.signal(signal);
        await within("the end of tcs", fleet.tcs.exited);
        await waitFor("the end of the family", () => asleep(fleet).length === 0, ORPHANS_LIMIT_MS);
      });
    }
  }

  for (const [what, end] of Object.entries({
    "a stop of the service": async (fleet: TestFleet) => {
      const { code } = await runTcs(["stop", "silent.main", "--port", String(fleet.broker.port)]);
      expect(code).toBe(0);
    },
    "SIGKILL of its process": async (fleet: TestFleet) => {
      process.kill(Number((await fleet.wire.waitForEvent("start", "silent.main")).data.pid), "SIGKILL");
      await fleet.wire.waitForEvent("crashed", "silent.main");
    },
  })) {
    test.concurrent(`in process, are gone within seconds of ${what}; a service that closes its own stdio is none the worse`, async () => {
      await using fleet = await runFleet({
        yaml: "services:\n  - silent\n  - hello_world\n",
        files: { "silent.ts": service(FAMILY) },
        args: ["--launcher", "process"],
      });
      await fleet.wire.waitForEvent("ready", "silent.main");
      await waitFor("the family", () => asleep(fleet).length === 2);
      await end(fleet);
      await waitFor("the end of the family", () => asleep(fleet).length === 0, ORPHANS_LIMIT_MS);
      expect(await fleet.stop()).toBe(143);
      expect(fleet.wire.of("registry.start", "hello_world.main").length).toBe(1);
    });
  }

  test.concurrent("are gone within seconds of SIGKILL to the terminal", async () => {
    using folder = tempFolder();
    await using broker = await startNats();
    await folder.write("services.yaml", `nats: {port: ${broker.port}}\nservices:\n  - family\n`);
    await folder.write("family.ts", service(FAMILY, DAEMON));
    const env = { PATH: process.env.PATH, HOME: folder.path, TCS_STATE_DIR: join(folder.path, "state") };
    const terminal = Bun.spawn(["script", "-qfec", `${tcsBinary()} run --launcher process`, "/dev/null"], {
      cwd: folder.path,
      env,
      stdio: ["pipe", "pipe", "ignore"],
    });
    const ours = () => processesWith(`TCS_STATE_DIR=${env.TCS_STATE_DIR}`);
    await waitFor("the family", () => ours().filter(({ pid }) => commandOf(pid) === "sleep 1000").length === 3);
    terminal.kill("SIGKILL");
    await waitFor("the end of everything", () => ours().length === 0, ORPHANS_LIMIT_MS);
  });
});
