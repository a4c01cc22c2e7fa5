import { afterEach, beforeEach, expect, test } from "bun:test";
import { connect } from "nats";
import { BrokerKeeper } from "../../src/broker/keeper.ts";
import { probeNats } from "../../src/broker/probe.ts";
import { findRunningBroker } from "../../src/broker/record.ts";
import { Logger } from "../../src/common/logger.ts";
import { identifyProcess, isAlive } from "../../src/common/process-info.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";
import { type KeeperProcess, startKeeper } from "./fixtures/keeper-process.ts";
import { listen } from "./fixtures/listener.ts";

let folder: TempFolder;
let port: number;
let said: string[];
let logger: Logger;
beforeEach(async () => {
  folder = tempFolder("tcs-keeper-");
  port = await freePort();
  said = [];
  logger = new Logger("keeper", (record) => said.push(`${record.level}: ${record.message}`));
});
afterEach(() => folder[Symbol.dispose]());

const keeperHere = (options: { lastPort?: number; hangLimitMs?: number } = {}) =>
  new BrokerKeeper({ logger, port, storeDir: folder.path, ...options });

async function serverId(): Promise<string | undefined> {
  const probe = await probeNats("127.0.0.1", port);
  return probe.kind === "nats" ? probe.serverId : undefined;
}

test("where nothing listens a broker is started, recorded, and ended with its record at stop", async () => {
  const keeper = keeperHere();
  const { settings, startedHere } = await keeper.ensure();
  expect(startedHere).toBe(true);
  expect(settings).toMatchObject({ servers: [`nats://127.0.0.1:${port}`], origin: "this host's broker" });
  expect(findRunningBroker(folder.path)).toMatchObject({ port, pid: keeper.pid ?? 0 });
  await keeper.stop();
  expect(findRunningBroker(folder.path)).toBeUndefined();
  expect(await probeNats("127.0.0.1", port)).toEqual({ kind: "none" });
  expect(said).toEqual([]);
});

test("a NATS server that is there is used, and left alone at stop", async () => {
  await using broker = await startNats({ port });
  await using keeper = keeperHere();
  expect(await keeper.ensure()).toMatchObject({ startedHere: false, settings: { servers: [broker.url] } });
  await keeper.stop();
  expect(await serverId()).toBeString();
  expect(said).toEqual([]);
});

test("a NATS server without JetStream is used with a warning", async () => {
  await using _broker = await startNats({ port, jetstream: false });
  await using keeper = keeperHere();
  expect((await keeper.ensure()).startedHere).toBe(false);
  expect(said).toHaveLength(1);
  expect(said[0]).toStartWith(`warning: the NATS server at 127.0.0.1:${port} runs without JetStream`);
});

test("a port that another program has is told, and the next one used", async () => {
  await using _other = await listen((socket) => socket.write("SSH-2.0\r\n"), port);
  await using keeper = keeperHere();
  const { settings } = await keeper.ensure();
  expect(settings.servers).toEqual([`nats://127.0.0.1:${port + 1}`]);
  expect(said).toEqual([
    `warning: 127.0.0.1:${port} is taken by something that is not a NATS server; using ${port + 1}`,
  ]);
});

test("a broker that had to move to another port is found there", async () => {
  await using _other = await listen((socket) => socket.write("SSH-2.0\r\n"), port);
  await using first = keeperHere();
  const moved = await first.ensure();
  await using second = keeperHere();
  expect(await second.ensure()).toEqual({ ...moved, startedHere: false });
});

test("when every port is taken by other programs, that is the error", async () => {
  await using _other = await listen((socket) => socket.write("SSH-2.0\r\n"), port);
  await using keeper = keeperHere({ lastPort: port });
  await expect(keeper.ensure()).rejects.toThrow(`port ${port} is taken by something that is not a NATS server`);
});

test("of two that start at once, exactly one starts the broker (10 times)", async () => {
  for (let round = 0; round < 10; round++) {
    await using first = keeperHere();
    await using second = keeperHere();
    const both = await Promise.all([first.ensure(), second.ensure()]);
    expect(both.map(({ startedHere }) => startedHere).sort()).toEqual([false, true]);
    expect(both[0].settings).toEqual(both[1].settings);
  }
  expect(said).toEqual([]);
});

test("two with data of their own still agree on one broker for the port", async () => {
  using otherFolder = tempFolder("tcs-keeper-");
  await using first = keeperHere();
  await using second = new BrokerKeeper({ logger, port, storeDir: otherFolder.path });
  const both = await Promise.all([first.ensure(), second.ensure()]);
  expect(both.map(({ startedHere }) => startedHere).sort()).toEqual([false, true]);
  expect(both[0].settings).toEqual(both[1].settings);
});

test("a broker that is killed is up again on its port, and a client gets through", async () => {
  await using keeper = keeperHere();
  const { settings } = await keeper.ensure();
  const nc = await connect({ servers: settings.servers, maxReconnectAttempts: -1, reconnectTimeWait: 20 });
  const before = keeper.pid ?? 0;
  process.kill(before, "SIGKILL");
  await waitFor("another server", () => keeper.pid !== undefined && keeper.pid !== before);
  await waitFor("the client to be back", () => nc.flush().then(() => true));
  await nc.close();
  expect(said).toEqual([
    `warning: the broker (nats-server, pid ${before}) was killed by SIGKILL; starting it again`,
    `info: the broker at 127.0.0.1:${port} is up again, nats-server pid ${keeper.pid}`,
  ]);
  expect(findRunningBroker(folder.path)?.pid).toBe(keeper.pid);
});

test("a broker that dies again is started after half a second", async () => {
  await using keeper = keeperHere();
  await keeper.ensure();
  let killedAt = 0;
  for (let deaths = 0; deaths < 2; deaths++) {
    const before = keeper.pid ?? 0;
    killedAt = performance.now();
    process.kill(before, "SIGKILL");
    await waitFor("another server", () => keeper.pid !== undefined && keeper.pid !== before);
  }
  expect(performance.now() - killedAt).toBeGreaterThan(490);
});

test("a broker of ours that hangs is ended, and is up again on its port", async () => {
  await using keeper = keeperHere({ hangLimitMs: 500 });
  await keeper.ensure();
  const before = keeper.pid ?? 0;
  process.kill(before, "SIGSTOP");
  keeper.connectionLost();
  keeper.connectionLost();
  await waitFor("another server", () => keeper.pid !== undefined && keeper.pid !== before, 20_000);
  await waitFor("its answer", serverId);
  expect(said.at(0)).toStartWith(`error: the broker (nats-server, pid ${before}) hangs and does not answer`);
  expect(said.slice(1)).toEqual([
    `warning: the broker (nats-server, pid ${before}) was killed by SIGKILL; starting it again`,
    `info: the broker at 127.0.0.1:${port} is up again, nats-server pid ${keeper.pid}`,
  ]);
});

test("a broker of ours that answers is left alone, whoever lost a connection to it", async () => {
  await using keeper = keeperHere({ hangLimitMs: 100 });
  await keeper.ensure();
  const before = await serverId();
  keeper.connectionLost();
  await Bun.sleep(300);
  expect(await serverId()).toBe(before ?? "");
  expect(said).toEqual([]);
});

test("stop during the wait before a restart ends at once and starts nothing", async () => {
  const keeper = keeperHere();
  await keeper.ensure();
  for (let deaths = 0; deaths < 2; deaths++) {
    process.kill(await waitFor("a server", () => keeper.pid), "SIGKILL");
    await waitFor("its end to be noticed", () => said.filter((line) => line.includes("SIGKILL")).length > deaths);
  }
  await keeper.stop();
  expect(await probeNats("127.0.0.1", port)).toEqual({ kind: "none" });
});

test("stop while the broker is starting leaves none behind", async () => {
  const keeper = keeperHere();
  const ensured = keeper.ensure().catch((error: unknown) => String(error));
  await keeper.stop();
  await ensured;
  expect(await probeNats("127.0.0.1", port)).toEqual({ kind: "none" });
});

test("a broker borrowed from a launcher that ends is taken over, with its data", async () => {
  await using owner = await startKeeper(port, folder.path);
  await using keeper = keeperHere();
  expect((await keeper.ensure()).startedHere).toBe(false);
  const before = await connect({ servers: `127.0.0.1:${port}` });
  await (await before.jetstreamManager()).streams.add({ name: "kept", subjects: ["kept.>"] });
  await before.close();
  await owner.stop();
  keeper.connectionLost();
  await waitFor("the take-over", () => keeper.pid);
  const after = await connect({ servers: `127.0.0.1:${port}` });
  expect((await (await after.jetstreamManager()).streams.info("kept")).config.subjects).toEqual(["kept.>"]);
  await after.close();
  expect(said[0]).toBe(`warning: the broker at 127.0.0.1:${port}, another launcher's, has gone; starting one here`);
});

test("of several that could take over, one does, and the others use it", async () => {
  await using owner = await startKeeper(port, folder.path);
  const others: KeeperProcess[] = await Promise.all([1, 2, 3].map(() => startKeeper(port, folder.path)));
  try {
    expect(others.map((other) => other.ensured.startedHere)).toEqual([false, false, false]);
    owner.kill();
    for (const other of others) other.connectionLost();
    const winners = () => others.filter((other) => other.said().includes("is up again"));
    await waitFor("a take-over", () => winners().length > 0);
    const server = await serverId();
    expect(server).toBe(findRunningBroker(folder.path)?.serverId);
    // Stopping awaits what a keeper is about to do.
    await Promise.all(others.filter((other) => !winners().includes(other)).map((other) => other.stop()));
    expect(winners()).toHaveLength(1);
    expect(await serverId()).toBe(server);
  } finally {
    await Promise.all(others.map((other) => other.stop()));
  }
});

test("a borrowed broker that its owner brings back is not taken over", async () => {
  await using owner = await startKeeper(port, folder.path);
  await using keeper = keeperHere();
  await keeper.ensure();
  const before = await serverId();
  process.kill(owner.ensured.pid ?? 0, "SIGKILL");
  keeper.connectionLost();
  await waitFor("the owner's new server", async () => {
    const now = await serverId();
    return now !== undefined && now !== before;
  });
  keeper.connectionLost();
  await keeper.stop();
  expect(keeper.pid).toBeUndefined();
  expect(said).toEqual([]);
});

test("an operator's own nats-server that goes away is not replaced", async () => {
  const broker = await startNats({ port });
  await using keeper = keeperHere();
  await keeper.ensure();
  await broker[Symbol.asyncDispose]();
  keeper.connectionLost();
  await keeper.stop();
  expect(await probeNats("127.0.0.1", port)).toEqual({ kind: "none" });
  expect(said).toEqual([]);
});

test("a launcher started right after another was killed has a broker", async () => {
  await using owner = await startKeeper(port, folder.path);
  const server = identifyProcess(owner.ensured.pid ?? 0);
  owner.kill();
  await using keeper = keeperHere();
  await keeper.ensure();
  keeper.connectionLost();
  await waitFor("a broker of its own", () => keeper.pid);
  expect(server && isAlive(server)).toBe(false);
});
