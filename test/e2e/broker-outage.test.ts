// The broker goes, comes late, or comes again: services work on, and nothing that happened is lost or out of order.
import { describe, expect, test } from "bun:test";
import { OWN_HOMES } from "../../src/config/types.ts";
import { spawnTcs } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { stored, whats } from "../support/stored.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";

const COUNTS = `async runService() {
  for (let n = 1; this.isRunning && n <= 5; n++) { this.monitor.setStatus(Status.BUSY, "step " + n); await this.sleep(0.02); }
  this.logger.info("did its work");
  while (this.isRunning) await this.sleep(1000);
}`;

test("without its broker a fleet runs; when it comes, all that happened is there, in order, with its own times", async () => {
  const port = await freePort();
  using folder = tempFolder();
  await folder.write("services.yaml", `nats: {port: ${port}}\nservices:\n  - counts\n`);
  await folder.write("counts.ts", serviceFile(COUNTS));
  await using tcs = spawnTcs(["run"], { cwd: folder.path });
  await tcs.waitForLine(/no NATS broker at .*services run, reports are kept until it comes/);
  await tcs.waitForLine(/did its work/);
  const cameAt = Date.now();
  await using broker = await startNats({ port });
  const statuses = await waitFor("the reports", async () => {
    const found = await stored(broker, "status", "counts.main");
    return found.some(({ message }) => message === "step 5") && found;
  });
  const events = await stored(broker, "registry", "counts.main");
  expect(whats(events)).toEqual(["declared", "start", "ready"]);
  expect(statuses.map(({ message }) => message)).toEqual([
    "Starting service",
    "Service running",
    "step 1",
    "step 2",
    "step 3",
    "step 4",
    "step 5",
  ]);
  for (const { happenedAt, saidAt } of [...events, ...statuses]) {
    expect(happenedAt).toBeLessThanOrEqual(cameAt);
    expect(saidAt).toBeLessThanOrEqual(cameAt);
  }
});

test("required: true waits for the broker, says so, and goes on when it comes; Ctrl-C ends the wait", async () => {
  const port = await freePort();
  using folder = tempFolder();
  await folder.write("services.yaml", `nats: {port: ${port}, required: true}\nservices:\n  - says\n`);
  await folder.write("says.ts", serviceFile(`onStart() { console.log("started"); }\n${LOOP}`));
  {
    await using tcs = spawnTcs(["run"], { cwd: folder.path });
    await tcs.waitForLine(/no NATS broker at .*; waiting for it/);
    tcs.signal("SIGINT");
    expect(await within("the end of tcs", tcs.exited)).toBe(130);
  }
  await using tcs = spawnTcs(["run"], { cwd: folder.path });
  await tcs.waitForLine(/no NATS broker at .*; waiting for it/);
  expect(tcs.stderr).not.toContain("started");
  await using _broker = await startNats({ port });
  await tcs.waitForLine(/connected to the broker$/m);
  await tcs.waitForLine(/1 of 1 service running/);
  expect(tcs.stderr).toContain("started");
});

for (const home of OWN_HOMES) {
  describe(`in ${home}`, () => {
    test("a broker killed and started again finds the fleet running, with all that happened meanwhile", async () => {
      await using broker = await startNats();
      await using fleet = await runFleet({
        broker,
        yaml: "services:\n  - steady\n  - {type: falls, restart: always, restart_sec: 0.05}\n",
        args: ["--launcher", home],
        files: {
          "steady.ts": serviceFile(LOOP),
          "falls.ts": serviceFile(
            `async runService() { while (this.isRunning) { await this.sleep(0.1); if (await Bun.file("fall").exists()) { await Bun.file("fall").delete(); console.log("falling"); throw new Error("fell"); } } }`,
          ),
        },
      });
      const { tcs, wire, folder } = fleet;
      await wire.waitForStatus("steady.main", "ok");
      await wire.waitForStatus("falls.main", "ok");
      await broker.kill();
      await tcs.waitForLine(/connection to the broker lost/);
      await folder.write("fall", "");
      await tcs.waitForLine(/falls\.main ended: fell; restarts in/);
      await waitFor("the restart, with the broker away", () => tcs.stderr.match(/falling/g)?.length === 1);
      await broker.start();
      await waitFor("the events of the restart", async () => {
        return whats(await stored(broker, "registry", "falls.main")).filter((what) => what === "ready").length === 2;
      });
      await fleet.stop();
      expect(whats(await stored(broker, "registry", "falls.main"))).toEqual([
        ...["declared", "start", "ready", "crashed", "restarting", "start", "ready", "stopping", "stop"],
      ]);
      expect(whats(await stored(broker, "status", "falls.main"))).toEqual([
        ...["startup", "ok", "error", "startup", "ok", "shutdown", "shutdown"],
      ]);
      expect(whats(await stored(broker, "registry", "steady.main"))).toEqual([
        ...["declared", "start", "ready", "stopping", "stop"],
      ]);
    });
  });
}
