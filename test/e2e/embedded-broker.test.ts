// The broker inside the binary, under fleets: each test has its own 127.0.0.1, for the port is always 4222.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "nats";
import { isAlive } from "../../src/common/process-info.ts";
import { runTcs, spawnTcs, type TcsProcess } from "../support/binary.ts";
import { startNats } from "../support/nats.ts";
import { canOwnNetwork, ownNetwork } from "../support/netns.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";

const URL_4222 = "nats://127.0.0.1:4222";

function brokerOf(stateDir: string): { pid: number; startTime: number; port: number } {
  return JSON.parse(readFileSync(join(stateDir, "broker/broker.json"), "utf8"));
}

/** How many registry events of a service the broker on 4222 keeps. */
async function eventsOf(id: string): Promise<number> {
  const connection = await connect({ servers: URL_4222 });
  try {
    const { state } = await (await connection.jetstreamManager()).streams.info("svc_registry", {
      subjects_filter: `svc.registry.*.${id}`,
    });
    return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
  } finally {
    await connection.close();
  }
}

async function fleetFile(type = "hello_world"): Promise<ReturnType<typeof tempFolder>> {
  const folder = tempFolder();
  await folder.write("services.yaml", `services:\n  - ${type}\n`);
  return folder;
}

async function stop(tcs: TcsProcess): Promise<void> {
  tcs.signal("SIGTERM");
  expect(await within("the end of tcs", tcs.exited)).toBe(143);
}

describe.skipIf(!canOwnNetwork)("the embedded broker", () => {
  test("starts with the fleet, ends with it, and keeps its data for the next", async () => {
    using _network = ownNetwork();
    using folder = await fleetFile();
    const env = { TCS_STATE_DIR: join(folder.path, "state") };
    {
      await using tcs = spawnTcs(["run"], { cwd: folder.path, env });
      await tcs.waitForLine(/broker nats:\/\/127\.0\.0\.1:4222 \(started here\)/);
      await tcs.waitForLine(/1 of 1 service running/);
      const status = await runTcs(["status", "--json"], { env });
      expect(status.code).toBe(0);
      expect(status.stdout).toContain('"hello_world.main"');
      const broker = brokerOf(tcs.stateDir);
      await stop(tcs);
      expect(isAlive(broker)).toBe(false);
    }
    await using tcs = spawnTcs(["run"], { cwd: folder.path, env });
    await tcs.waitForLine(/1 of 1 service running/);
    // declared, start, ready, stopping, stop of the first run; declared, start, ready of the second.
    await waitFor("the events of both runs", async () => (await eventsOf("hello_world.main")) === 8);
  });

  test("killed with SIGKILL it is started again, with its data, and the fleet goes on", async () => {
    using _network = ownNetwork();
    using folder = await fleetFile();
    await using tcs = spawnTcs(["run"], { cwd: folder.path });
    await tcs.waitForLine(/1 of 1 service running/);
    await waitFor("the first events", async () => (await eventsOf("hello_world.main")) === 3);
    const broker = brokerOf(tcs.stateDir);
    process.kill(broker.pid, "SIGKILL");
    await tcs.waitForLine(/nats-server, pid \d+\) was killed by SIGKILL; starting it again/);
    await tcs.waitForLine(/the broker at 127\.0\.0\.1:4222 is up again/);
    await tcs.waitForLine(/connected to the broker$/m);
    expect(await eventsOf("hello_world.main")).toBe(3);
    await using wire = await listenToWire(URL_4222);
    await stop(tcs);
    expect(wire.story("hello_world.main")).toEqual(["stopping", "status shutdown", "status shutdown", "stop"]);
  });

  test("is shared by a second fleet of the same user, which takes it over when the first ends", async () => {
    using _network = ownNetwork();
    using first = await fleetFile();
    using second = await fleetFile("examples.minimal");
    const env = { TCS_STATE_DIR: join(first.path, "state") };
    await using one = spawnTcs(["run"], { cwd: first.path, env });
    await one.waitForLine(/1 of 1 service running/);
    await using two = spawnTcs(["run"], { cwd: second.path, env });
    await two.waitForLine(/broker nats:\/\/127\.0\.0\.1:4222 \(found running\)/);
    await two.waitForLine(/1 of 1 service running/);
    await waitFor("both fleets' events", async () => (await eventsOf("examples.minimal.main")) === 3);
    await stop(one);
    await two.waitForLine(/another launcher's, has gone; starting one here/);
    await two.waitForLine(/the broker at 127\.0\.0\.1:4222 is up again/);
    expect(await eventsOf("hello_world.main")).toBe(5);
    await two.waitForLine(/connected to the broker$/m);
    await using wire = await listenToWire(URL_4222);
    await stop(two);
    expect(wire.story("examples.minimal.main")).toEqual(["stopping", "status shutdown", "status shutdown", "stop"]);
  });

  test("takes the next port, and says so, when 4222 is taken by something else", async () => {
    using _network = ownNetwork();
    using folder = await fleetFile();
    using _listener = Bun.listen({
      hostname: "127.0.0.1",
      port: 4222,
      socket: { data() {}, open: (s) => void s.end("hi\n") },
    });
    await using tcs = spawnTcs(["run"], { cwd: folder.path });
    await tcs.waitForLine(/127\.0\.0\.1:4222 is taken by something that is not a NATS server; using 4223/);
    await tcs.waitForLine(/1 of 1 service running/);
    const status = await runTcs(["status", "--json"], { env: { TCS_STATE_DIR: tcs.stateDir } });
    expect(status.stdout).toContain('"hello_world.main"');
  });

  test("is not started where a NATS server answers on 4222, nor ended with the fleet", async () => {
    using _network = ownNetwork();
    using folder = await fleetFile();
    await using nats = await startNats({ port: 4222 });
    await using tcs = spawnTcs(["run"], { cwd: folder.path });
    await tcs.waitForLine(/broker nats:\/\/127\.0\.0\.1:4222 \(found running\)/);
    await tcs.waitForLine(/1 of 1 service running/);
    await stop(tcs);
    expect(await eventsOf("hello_world.main")).toBe(5);
    expect(nats.port).toBe(4222);
  });

  test("tcs broker runs it alone; a fleet and tcs status find it", async () => {
    using _network = ownNetwork();
    using folder = await fleetFile();
    await using broker = spawnTcs(["broker"]);
    await broker.waitForLine(/broker at nats:\/\/127\.0\.0\.1:4222 \(nats-server pid \d+\); Ctrl-C ends it/);
    const env = { TCS_STATE_DIR: broker.stateDir };
    const again = await runTcs(["broker"], { env });
    expect(again.stderr).toContain("nothing to do");
    expect(again.code).toBe(0);
    await using tcs = spawnTcs(["run"], { cwd: folder.path, env });
    await tcs.waitForLine(/1 of 1 service running/);
    await stop(tcs);
    const { pid, startTime } = brokerOf(broker.stateDir);
    expect(isAlive({ pid, startTime })).toBe(true);
    broker.signal("SIGINT");
    expect(await within("the end of tcs broker", broker.exited)).toBe(130);
    expect(isAlive({ pid, startTime })).toBe(false);
  });

  test("a service run by hand finds it too", async () => {
    using _network = ownNetwork();
    await using broker = spawnTcs(["broker"]);
    await broker.waitForLine(/Ctrl-C ends it/);
    await using wire = await listenToWire(URL_4222);
    await using _tcs = spawnTcs(["service", "hello_world"], { env: { TCS_STATE_DIR: broker.stateDir } });
    await wire.waitForStatus("hello_world.main", "ok");
    expect(wire.of("registry.start", "hello_world.main")).toEqual([]);
  });
});
