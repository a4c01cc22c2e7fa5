import { expect, test } from "bun:test";
import { connect, type NatsConnection } from "nats";
import { ensureStreams } from "../../src/broker/streams.ts";
import { TurningTime } from "../../src/common/turning-time.ts";
import { askJetStream, encode, MetaSource, readLastPerSubject } from "../../src/messaging/index.ts";
import { startNats } from "../support/nats.ts";
import { waitFor } from "../support/wait.ts";

const meta = new MetaSource();

function publish(connection: NatsConnection, subject: string, n: number): void {
  connection.publish(subject, encode({ data: { n }, meta: meta.next() }));
}

async function settled(connection: NatsConnection, stream: string, lastSeq: number): Promise<void> {
  const manager = await connection.jetstreamManager();
  await waitFor("all to be stored", async () => (await manager.streams.info(stream)).state.last_seq >= lastSeq);
}

/** The snapshot, which must be good. */
async function snapshot(connection: NatsConnection, filter: string) {
  const read = await readLastPerSubject(connection, filter);
  if (!read.ok) throw new Error(`${read.reason}: ${read.message}`);
  return read;
}

test("the last message of each subject is read, in stream order", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  await ensureStreams(connection);
  for (const [subject, n] of [
    ["a", 1],
    ["b", 2],
    ["c", 3],
    ["a", 4],
  ] as const) {
    publish(connection, `svc.status.${subject}`, n);
  }
  await settled(connection, "svc_status", 4);
  const { messages, bad } = await snapshot(connection, "svc.status.>");
  expect(messages.map((message) => [message.subject, message.data?.n, message.seq])).toEqual([
    ["svc.status.b", 2, 2],
    ["svc.status.c", 3, 3],
    ["svc.status.a", 4, 4],
  ]);
  expect(Math.abs((messages[0]?.time ?? 0) - Date.now())).toBeLessThan(10_000);
  expect(bad).toBe(0);
  await connection.close();
});

test("an empty stream is an empty snapshot, at once; so is a filter that nothing matches", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  await ensureStreams(connection);
  using turning = new TurningTime();
  expect((await snapshot(connection, "svc.status.>")).messages).toEqual([]);
  publish(connection, "svc.status.a", 1);
  await settled(connection, "svc_status", 1);
  expect((await snapshot(connection, "svc.status.b")).messages).toEqual([]);
  expect(turning.ms).toBeLessThan(1_000);
  await connection.close();
});

test("a filter may have wildcards, or name subjects of no usual stream", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  await ensureStreams(connection);
  for (const event of ["start", "stop"]) publish(connection, `svc.registry.${event}.a.b`, 1);
  await settled(connection, "svc_registry", 2);
  expect((await snapshot(connection, "svc.registry.*.a.b")).messages).toHaveLength(2);
  expect(await readLastPerSubject(connection, "elsewhere.>")).toMatchObject({ ok: false, reason: "no_stream" });
  await connection.close();
});

test("bad messages are counted and the first is described; the others are read", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  await ensureStreams(connection);
  publish(connection, "svc.status.a", 1);
  connection.publish("svc.status.b", Uint8Array.of(0xff, 0));
  connection.publish("svc.status.c", "{}");
  await settled(connection, "svc_status", 3);
  const { messages, bad, firstBad } = await snapshot(connection, "svc.status.>");
  expect(messages).toHaveLength(1);
  expect(bad).toBe(2);
  expect(firstBad).toMatchObject({ subject: "svc.status.b", seq: 2 });
  await connection.close();
});

test("only bad messages are a snapshot without messages, not a time-out", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  await ensureStreams(connection);
  connection.publish("svc.status.b", "junk");
  await settled(connection, "svc_status", 1);
  expect(await snapshot(connection, "svc.status.>")).toMatchObject({ messages: [], bad: 1 });
  await connection.close();
});

test("no stream, no JetStream and no broker are told apart", async () => {
  await using broker = await startNats();
  await using bare = await startNats({ jetstream: false });
  const connection = await connect({ servers: broker.url });
  const other = await connect({ servers: bare.url });
  expect(await readLastPerSubject(connection, "svc.status.>")).toMatchObject({ ok: false, reason: "no_stream" });
  expect(await readLastPerSubject(other, "svc.status.>")).toMatchObject({ ok: false, reason: "no_jetstream" });
  await other.close();
  expect(await readLastPerSubject(other, "svc.status.>")).toMatchObject({ ok: false, reason: "disconnected" });
  await connection.close();
});

test("a stream of another name is found by its subjects, even if ours has the usual name and other subjects", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  await askJetStream(connection, "STREAM.CREATE.all", { name: "all", subjects: ["svc.>"], storage: "file" });
  await askJetStream(connection, "STREAM.CREATE.svc_status", {
    name: "svc_status",
    subjects: ["x.>"],
    storage: "file",
  });
  publish(connection, "svc.status.a", 1);
  publish(connection, "svc.heartbeat.a", 2);
  await settled(connection, "all", 2);
  const { messages } = await snapshot(connection, "svc.status.>");
  expect(messages.map((message) => message.data?.n)).toEqual([1]);
  await connection.close();
});

test("subjects spread over several streams are read from all of them", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  for (const host of ["north", "south"]) {
    await askJetStream(connection, `STREAM.CREATE.${host}`, {
      name: host,
      subjects: [`svc.status.${host}.>`],
      storage: "file",
    });
    publish(connection, `svc.status.${host}.a`, 1);
    await settled(connection, host, 1);
  }
  const { messages } = await snapshot(connection, "svc.status.>");
  expect(messages.map((message) => message.subject)).toEqual(["svc.status.north.a", "svc.status.south.a"]);
  await connection.close();
});

test("10,000 subjects are read whole and in order while others go on publishing", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  const writer = await connect({ servers: broker.url });
  await ensureStreams(connection);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 10_000; i++) publish(writer, `svc.status.service.n${i}`, round);
    await writer.flush();
  }
  await settled(connection, "svc_status", 20_000);
  const going = setInterval(() => publish(writer, "svc.status.service.n5", 2), 1);
  const { messages } = await snapshot(connection, "svc.status.>");
  clearInterval(going);
  expect(new Set(messages.map((message) => message.subject)).size).toBe(10_000);
  expect(messages.every((message, i) => i === 0 || message.seq > (messages[i - 1]?.seq ?? 0))).toBe(true);
  expect(messages.every((message) => Number(message.data?.n) >= 1)).toBe(true);
  await connection.close();
  await writer.close();
});

test("a snapshot leaves no consumer behind", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  await ensureStreams(connection);
  for (let i = 0; i < 5; i++) await snapshot(connection, "svc.status.>");
  const manager = await connection.jetstreamManager();
  await waitFor(
    "the consumers to go",
    async () => (await manager.streams.info("svc_status")).state.consumer_count === 0,
  );
  expect((await manager.streams.info("svc_status")).state.consumer_count).toBe(0);
  await connection.close();
});
