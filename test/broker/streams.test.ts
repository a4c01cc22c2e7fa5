import { expect, test } from "bun:test";
import { connect, type NatsConnection } from "nats";
import { ensureStreams } from "../../src/broker/streams.ts";
import { askJetStream } from "../../src/messaging/index.ts";
import { startNats } from "../support/nats.ts";

const MIB = 2 ** 20;

async function config(connection: NatsConnection, stream: string) {
  return (await (await connection.jetstreamManager()).streams.info(stream)).config;
}

async function streamNames(connection: NatsConnection): Promise<string[]> {
  const names: string[] = [];
  for await (const name of (await connection.jetstreamManager()).streams.names()) names.push(name);
  return names.sort();
}

test("the streams are made with the limits of the protocol, and acknowledge", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  const result = await ensureStreams(connection);
  expect(result).toMatchObject({ ok: true, notes: [] });
  expect(result.streams.map((stream) => stream.state)).toEqual(Array(4).fill("created"));
  expect(await config(connection, "svc_registry")).toMatchObject({
    subjects: ["svc.registry.>"],
    max_bytes: 10 * MIB,
    max_msgs_per_subject: 100,
    max_age: 0,
    discard: "old",
    storage: "file",
  });
  expect(await config(connection, "svc_status")).toMatchObject({ max_bytes: 500 * MIB, max_age: 30 * 86_400e9 });
  expect(await config(connection, "svc_heartbeat")).toMatchObject({
    max_bytes: 100 * MIB,
    max_age: 86_400e9,
  });
  expect(await config(connection, "svc_log")).toMatchObject({
    subjects: ["svc.log.>"],
    max_bytes: 200 * MIB,
    max_age: 3 * 86_400e9,
    max_msgs_per_subject: 10_000,
    discard: "old",
  });
  for (const stream of ["svc_registry", "svc_status", "svc_heartbeat", "svc_log"]) {
    expect((await config(connection, stream)).no_ack ?? false).toBe(false);
  }
  await connection.close();
});

test("a prefix with dots gives names without", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  await ensureStreams(connection, "ocm.svc");
  expect(await streamNames(connection)).toEqual([
    "ocm_svc_heartbeat",
    "ocm_svc_log",
    "ocm_svc_registry",
    "ocm_svc_status",
  ]);
  expect(await config(connection, "ocm_svc_status")).toMatchObject({ subjects: ["ocm.svc.status.>"] });
  await connection.close();
});

test("streams that are there are left as the operator made them", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  await ensureStreams(connection);
  const manager = await connection.jetstreamManager();
  await manager.streams.update("svc_status", { max_bytes: 3 * MIB });
  const result = await ensureStreams(connection);
  expect(result.streams.map((stream) => stream.state)).toEqual(Array(4).fill("exists"));
  expect(await config(connection, "svc_status")).toMatchObject({ max_bytes: 3 * MIB });
  await connection.close();
});

test("a stream of any name that stores the subjects is used as it is", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  await askJetStream(connection, "STREAM.CREATE.everything", {
    name: "everything",
    subjects: ["svc.>"],
    storage: "memory",
  });
  const result = await ensureStreams(connection);
  expect(result.ok).toBe(true);
  expect(result.streams).toMatchObject(Array(4).fill({ stream: "everything" }));
  expect(await streamNames(connection)).toEqual(["everything"]);
  await connection.close();
});

test("a stream that stores only some of the subjects is told: ours cannot overlap it", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  await askJetStream(connection, "STREAM.CREATE.part", {
    name: "part",
    subjects: ["svc.status.dome.>"],
    storage: "memory",
  });
  const result = await ensureStreams(connection);
  expect(result.ok).toBe(true);
  expect(result.notes).toHaveLength(1);
  expect(result.notes[0]).toContain("stream part stores a part");
  expect(result.streams.filter((stream) => stream.state === "created")).toHaveLength(3);
  await connection.close();
});

test("our name taken by a stream of other subjects is told", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  await askJetStream(connection, "STREAM.CREATE.svc_status", {
    name: "svc_status",
    subjects: ["x.>"],
    storage: "memory",
  });
  const result = await ensureStreams(connection);
  expect(result.ok).toBe(false);
  expect(result.notes).toHaveLength(1);
  expect(result.notes[0]).toContain("svc.status.>");
  await connection.close();
});

test("many creators at once end with the same streams, and all succeed", async () => {
  await using broker = await startNats();
  const connections = await Promise.all(Array.from({ length: 8 }, () => connect({ servers: broker.url })));
  const results = await Promise.all(connections.map((connection) => ensureStreams(connection)));
  expect(results.every((result) => result.ok)).toBe(true);
  const [first] = connections;
  if (!first) throw new Error("no connection");
  expect(await streamNames(first)).toEqual(["svc_heartbeat", "svc_log", "svc_registry", "svc_status"]);
  await Promise.all(connections.map((connection) => connection.close()));
});

test("a broker without JetStream is one typed outcome", async () => {
  await using broker = await startNats({ jetstream: false });
  const connection = await connect({ servers: broker.url });
  expect(await ensureStreams(connection)).toMatchObject({ ok: false, reason: "no_jetstream", streams: [] });
  await connection.close();
});

test("JetStream that is off for this account is the same outcome", async () => {
  const accounts = `accounts { A { users: [{user: a, password: a}] } }`;
  await using broker = await startNats({ config: accounts });
  const connection = await connect({ servers: broker.url, user: "a", pass: "a" });
  expect(await ensureStreams(connection)).toMatchObject({ ok: false, reason: "no_jetstream" });
  await connection.close();
});

test("a broker with little room gets smaller streams, and that is said", async () => {
  const accounts = `accounts { A { jetstream { max_file: 64MB }, users: [{user: a, password: a}] } }`;
  await using broker = await startNats({ config: accounts });
  const connection = await connect({ servers: broker.url, user: "a", pass: "a" });
  const result = await ensureStreams(connection);
  expect(result.ok).toBe(true);
  const core = result.streams.filter(({ kind }) => kind !== "log");
  expect(core.map((stream) => stream.state)).toEqual(["created", "created", "created"]);
  expect(result.notes.length).toBeGreaterThan(0);
  expect(result.notes.join("\n")).toContain("MiB");
  const sizes = result.streams.map((stream) => (stream.state === "created" ? stream.maxBytes : 0));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(64e6 * 1.05);
  await connection.close();
});

test("a closed connection is an outcome, not an exception", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  await connection.close();
  expect(await ensureStreams(connection)).toMatchObject({ ok: false, reason: "disconnected" });
});
