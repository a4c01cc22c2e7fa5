// Faults of the Python framework around pipes, broker and view (2, 3, 11, 12, 17): each is shown to be absent here.
import { expect, test } from "bun:test";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";
import { shownOf } from "./support.ts";

test("fault 2: ten services that write far more than a pipe holds to both outputs are not held up, and are read to the last line", async () => {
  const row = (n: number) => `  - {type: chatty, variant: v${n}, launcher: process}\n`;
  await using fleet = await runFleet({
    yaml: `services:\n${Array.from({ length: 10 }, (_, n) => row(n)).join("")}`,
    files: {
      "chatty.ts": serviceFile(`async runService() {
        const { writeSync } = await import("node:fs");
        for (let n = 0; n < 512; n++) { writeSync(1, "o".repeat(1023) + "\\n"); writeSync(2, "e".repeat(1024)); }
        writeSync(1, "the last of stdout\\n");
        writeSync(2, "\\nthe last of stderr\\n");
        this.monitor.setStatus(Status.OK, "written");
        while (this.isRunning) await this.sleep(1000);
      }`),
    },
  });
  for (let n = 0; n < 10; n++) {
    const subject = `svc.status.chatty.v${n}`;
    await fleet.wire.waitFor(
      `the end of ${n}`,
      (record) => record.subject === subject && record.data.message === "written",
    );
    for (const output of ["stdout", "stderr"]) {
      await fleet.tcs.waitForLine(new RegExp(`chatty\\.v${n} +the last of ${output}`));
    }
  }
});

test("fault 3: a broker known by name is found again after its restart, and one that was away at the start", async () => {
  const port = await freePort();
  using folder = tempFolder();
  await folder.write(
    "services.yaml",
    `nats: {host: localhost, port: ${port}, required: false}\nservices:\n  - hello_world\n`,
  );
  await using tcs = spawnTcs(["run"], { cwd: folder.path });
  await tcs.waitForLine(/no NATS broker at/);
  await using broker = await startNats({ port });
  await tcs.waitForLine(/connected to the broker/);
  await broker.kill();
  await tcs.waitForLine(/connection to the broker lost/);
  await broker.start();
  await using wire = await listenToWire(broker.url);
  tcs.signal("SIGTERM");
  await wire.waitForEvent("stop", "hello_world.main");
  expect(await within("the end of tcs", tcs.exited)).toBe(143);
});

test("fault 11: a crash while the broker is away is restarted after restart_sec all the same, and told later", async () => {
  const port = await freePort();
  using folder = tempFolder();
  await folder.write(
    "services.yaml",
    `nats: {port: ${port}}\nservices:\n  - {type: thing, restart: always, restart_sec: 0.05, restart_max: 0}\n`,
  );
  await folder.write(
    "thing.ts",
    serviceFile(
      `async runService() { if (!(await Bun.file("fell").exists())) { await Bun.write("fell", ""); throw new Error("fell"); } console.log("up at", Date.now()); while (this.isRunning) await this.sleep(1000); }`,
    ),
  );
  await using tcs = spawnTcs(["run"], { cwd: folder.path });
  const [, fell] = await tcs.waitForLine(/(\d\d\.\d{3}) ERROR +tcs +thing\.main ended: fell/);
  const [, up] = await tcs.waitForLine(/(\d\d\.\d{3}) INFO +thing\.main +up at/);
  // Five seconds for each publish it was; seconds of a minute, so modulo 60.
  expect((Number(up) - Number(fell) + 60) % 60).toBeLessThan(3);
  await using broker = await startNats({ port });
  await tcs.waitForLine(/connected to the broker/);
  tcs.signal("SIGTERM");
  await within("the end of tcs", tcs.exited);
  const { services } = await shownOf(broker, "--all");
  const [service] = services;
  expect(service).toMatchObject({
    service_id: "thing.main",
    crash_exit_code: 1,
    stop_reason: "terminated",
  });
});

test("fault 12: without streams it says so; restarts are counted; what left the configuration is not shown", async () => {
  await using plain = await startNats({ jetstream: false });
  const noStreams = await runTcs(["status", "--port", String(plain.port)]);
  expect(noStreams.stdout + noStreams.stderr).toMatch(/JetStream|stream/);
  expect(noStreams.stderr).not.toMatch(/no NATS/);

  await using broker = await startNats();
  await using fleet = await runFleet({
    broker,
    yaml: "services:\n  - {type: thing, restart: always, restart_sec: 0.01, restart_max: 2}\n  - hello_world\n  - hello_world.gone\n",
    files: { "thing.ts": serviceFile("async runService() { throw new Error('lost'); }") },
  });
  await fleet.wire.waitForEvent("failed", "thing.main");
  await fleet.wire.waitForStatus("thing.main", "failed");
  const before = await shownOf(broker, "--all");
  expect(before.services.find(({ service_id }) => service_id === "thing.main")?.restart_count).toBe(2);
  await fleet.stop();
  await fleet.folder.write("services.yaml", `nats: {port: ${broker.port}}\nservices:\n  - hello_world\n`);
  await using again = spawnTcs(["run"], { cwd: fleet.folder.path, env: { TCS_STATE_DIR: fleet.tcs.stateDir } });
  await again.waitForLine(/1 of 1 service running/);
  await waitFor("the second life of hello_world.main", async () => {
    const { services } = await shownOf(broker);
    return services.some(({ service_id, status }) => service_id === "hello_world.main" && status === "ok");
  });
  const { services } = await shownOf(broker, "--all");
  expect(services.filter(({ removed }) => !removed).map(({ service_id }) => service_id)).not.toContain(
    "hello_world.gone",
  );
});

test("fault 12: started from another folder, a fleet has the same launcher", async () => {
  await using broker = await startNats();
  await using wire = await listenToWire(broker.url);
  using folder = tempFolder();
  using elsewhere = tempFolder();
  const file = await folder.write("services.yaml", `nats: {port: ${broker.port}}\nservices: [hello_world]\n`);
  const parents: unknown[] = [];
  for (const cwd of [folder.path, elsewhere.path]) {
    await using tcs = spawnTcs(["run", "--config", file], { cwd });
    const ready = await wire.waitForEvent("ready", "hello_world.main", parents.length + 1);
    parents.push(ready.data.parent);
    tcs.signal("SIGTERM");
    await within("the end of tcs", tcs.exited);
  }
  expect(parents[0]).toStartWith("launcher.launcher.");
  expect(parents[1]).toBe(parents[0]);
});

test("fault 17: with the broker away the status command says so within a second or two, with code 4", async () => {
  const from = performance.now();
  const { code, stderr } = await runTcs(["status", "--port", String(await freePort())]);
  expect(performance.now() - from).toBeLessThan(2000);
  expect(stderr).toMatch(/^tcs: no NATS broker at /);
  expect(code).toBe(4);
});

test("a service whose loop hangs in a worker does not hold up the heartbeat of the others", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - hung\n  - beats\n",
    files: {
      "hung.ts": serviceFile("async runService() { await this.sleep(0.01); for (;;) {} }"),
      "beats.ts": serviceFile(LOOP),
    },
    args: ["--terminate-delay", "0.2"],
  });
  const { wire } = fleet;
  await wire.waitFor("a heartbeat", ({ subject }) => subject === "svc.heartbeat.beats.main");
  await wire.waitForStatus("beats.main", "ok");
  expect(await fleet.stop()).toBe(143);
  expect(wire.of("registry.stop", "hung.main")[0]?.data.reason).toBe("force_killed");
  expect(wire.of("registry.stop", "beats.main")[0]?.data.reason).toBe("terminated");
});
