import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect, StorageType, type StreamConfig } from "nats";
import { BrokerStartError } from "../../src/broker/errors.ts";
import { startBroker } from "../../src/broker/server.ts";
import { identifyProcess, isAlive } from "../../src/common/process-info.ts";
import { freePort } from "../support/ports.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";
import { listen } from "./fixtures/listener.ts";

let folder: TempFolder;
let port: number;
beforeEach(async () => {
  folder = tempFolder("tcs-broker-");
  port = await freePort();
});
afterEach(() => folder[Symbol.dispose]());

const STREAM = { name: "kept", subjects: ["kept.>"], max_bytes: 500 * 1024 ** 2, storage: StorageType.File };

async function addStream(url: string, stream: Partial<StreamConfig> & { name: string } = STREAM): Promise<void> {
  const nc = await connect({ servers: url });
  await (await nc.jetstreamManager()).streams.add(stream);
  await nc.close();
}

async function startFault(storeDir: string): Promise<BrokerStartError> {
  try {
    const broker = await startBroker({ port, storeDir });
    await broker.stop();
  } catch (error) {
    if (error instanceof BrokerStartError) return error;
    throw error;
  }
  throw new Error("the broker started");
}

test("the broker answers with JetStream when start returns, and is gone when stop returns", async () => {
  const broker = await startBroker({ port, storeDir: folder.path });
  expect(broker.url).toBe(`nats://127.0.0.1:${port}`);
  expect(readFileSync(`/proc/${broker.process.pid}/comm`, "utf8")).toBe("nats-server\n");
  await addStream(broker.url);
  await broker.stop();
  expect(isAlive(broker.process)).toBe(false);
  expect((await broker.exited).signal).toBeNull();
});

test("its data survives a restart", async () => {
  const first = await startBroker({ port, storeDir: folder.path });
  await addStream(first.url);
  const nc = await connect({ servers: first.url });
  await nc.jetstream().publish("kept.news", "hello");
  await nc.close();
  await first.stop();

  const second = await startBroker({ port, storeDir: folder.path });
  const again = await connect({ servers: second.url });
  const message = await (await again.jetstreamManager()).streams.getMessage("kept", { seq: 1 });
  expect(message.string()).toBe("hello");
  await again.close();
  await second.stop();
});

test("its data survives SIGKILL", async () => {
  const first = await startBroker({ port, storeDir: folder.path });
  await addStream(first.url);
  process.kill(first.process.pid, "SIGKILL");
  expect(await first.exited).toEqual({ code: null, signal: "SIGKILL" });

  const second = await startBroker({ port, storeDir: folder.path });
  const nc = await connect({ servers: second.url });
  expect((await (await nc.jetstreamManager()).streams.info("kept")).config.max_bytes).toBe(STREAM.max_bytes);
  await nc.close();
  await second.stop();
});

test("a folder name with spaces, quotes and letters beyond ASCII is no hindrance", async () => {
  const storeDir = join(folder.path, `it's "my" $HOME née`);
  mkdirSync(storeDir);
  const broker = await startBroker({ port, storeDir });
  await addStream(broker.url);
  await broker.stop();
  expect(readFileSync(join(storeDir, "nats-server.log"), "utf8")).toContain("Server is ready");
});

test("streams of 810 MiB are accepted on a disk of 64 MB", async () => {
  const script = `mount -t tmpfs -o size=64m tmpfs "$0" && exec "$@"`;
  const fixture = join(import.meta.dir, "fixtures/small-disk.ts");
  const isRoot = process.getuid?.() === 0;
  const wrapper = ["unshare", ...(isRoot ? [] : ["--map-root-user"]), "--mount", "sh", "-c", script, folder.path];
  const child = Bun.spawn([...wrapper, process.execPath, fixture, String(port), folder.path], { stdin: "ignore" });
  expect(await child.stdout.text()).toBe("svc_registry svc_status svc_heartbeat svc_log\n");
});

test("a port that another program has is told", async () => {
  await using other = await listen(() => undefined, port);
  const error = await startFault(folder.path);
  expect(error).toMatchObject({ fault: "port-taken", message: `port ${other.port} is taken by another program` });
});

test("a second server on the same data is refused", async () => {
  const first = await startBroker({ port, storeDir: folder.path });
  port = await freePort();
  const error = await startFault(folder.path);
  expect(error).toMatchObject({ fault: "store-in-use" });
  expect(error.hint).toContain("TCS_STATE_DIR");
  await first.stop();
});

test("a start that fails is told in the server's own last words", async () => {
  // JetStream wants to make a folder where there is a file.
  writeFileSync(join(folder.path, "jetstream"), "");
  const error = await startFault(folder.path);
  expect(error.fault).toBe("failed");
  expect(error.message).toEndWith("[FTL] Can't start JetStream: storage directory is not a directory");
  expect(error.message).not.toContain("\n");
  expect(error.hint).toContain(folder.path);
});

test("a server that cannot even read its configuration is told in what it complained", async () => {
  using script = tempFolder("tcs-bad-server-");
  const path = await script.write("nats-server", "#!/bin/sh\necho 'flag provided but not defined' >&2\nexit 2\n");
  process.env.TCS_NATS_SERVER = path;
  try {
    Bun.spawnSync(["chmod", "+x", path]);
    const error = await startFault(folder.path);
    expect(error.message).toBe(
      "the broker did not start (nats-server ended with code 2): flag provided but not defined",
    );
  } finally {
    delete process.env.TCS_NATS_SERVER;
  }
});

test("when the guard is killed the server does not live on", async () => {
  const broker = await startBroker({ port, storeDir: folder.path });
  const stat = readFileSync(`/proc/${broker.process.pid}/stat`, "utf8");
  const guard = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  process.kill(guard, "SIGKILL");
  await broker.exited;
  await waitFor("the server to end", () => !isAlive(broker.process));
});

test("when the parent is killed the server ends within a second, cleanly", async () => {
  const fixture = join(import.meta.dir, "fixtures/parent.ts");
  const parent = Bun.spawn([process.execPath, fixture, String(port), folder.path], { stdin: "ignore" });
  const { value } = await parent.stdout.getReader().read();
  const { broker, bystander } = JSON.parse(new TextDecoder().decode(value));
  const server = identifyProcess(broker);
  if (!server) throw new Error("no server");
  parent.kill("SIGKILL");
  await waitFor("the server to end", () => !isAlive(server), 1000);
  expect(identifyProcess(bystander)).toBeDefined();
  process.kill(bystander, "SIGKILL");
  expect(readFileSync(join(folder.path, "nats-server.log"), "utf8")).toContain("Server Exiting");
});
