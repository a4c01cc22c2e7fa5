// Lines in JetStream: written by a messenger, read from the end, followed over restarts of the broker.
import { expect, test } from "bun:test";
import { connect } from "nats";
import { ensureStreams } from "../../src/broker/streams.ts";
import type { LogFilter } from "../../src/logs/filter.ts";
import { LogPublisher } from "../../src/logs/publisher.ts";

import { idsIn, linesTo } from "../../src/logs/stream.ts";
import { readStreamLogs } from "../../src/logs/stream-history.ts";
import { findStream } from "../../src/messaging/find-stream.ts";
import { Messenger, Subjects } from "../../src/messaging/index.ts";
import { Link } from "../../src/messaging/link.ts";
import { StreamFollower } from "../../src/messaging/stream-follower.ts";
import { startNats, type TestBroker } from "../support/nats.ts";
import { waitFor } from "../support/wait.ts";
import { NOON, record } from "./support.ts";

function settings({ url }: TestBroker) {
  return { servers: [url], required: false, subjectPrefix: "svc", origin: "test" };
}

async function publish(broker: TestBroker) {
  const messenger = new Messenger({
    settings: settings(broker),
    name: "test",
    prepare: async (connection) => void (await ensureStreams(connection)),
  });
  await messenger.open();
  await waitFor("the streams", () => messenger.isReady);
  const publisher = new LogPublisher({ carrier: messenger, subjects: new Subjects() });
  return { messenger, publisher, [Symbol.asyncDispose]: () => messenger.close() };
}

async function reader(broker: TestBroker) {
  const connection = await connect({ servers: broker.url });
  const stream = await findStream(connection, "svc", "log");
  if (!stream.ok) throw new Error(stream.message);
  const read = async (ids: string[] | undefined, filter: LogFilter, count: number) => {
    const history = await readStreamLogs({ connection, stream, prefix: "svc", ids, filter, count });
    if (!history.ok) throw new Error(history.message);
    return history.lines.map(({ record }) => record.message);
  };
  return { connection, stream, read, [Symbol.asyncDispose]: () => connection.close() };
}

test("the last lines of one service, of some, of all; by level and time", async () => {
  await using broker = await startNats();
  await using fleet = await publish(broker);
  fleet.publisher.push("quiet.main", record("q", { time: NOON }));
  for (let n = 0; n < 150; n++) {
    fleet.publisher.push("dome.main", record(`d${n}`, { time: NOON + 2 * n, level: n % 50 === 7 ? "error" : "info" }));
    fleet.publisher.push(
      "cam.a.main",
      record(`c${n}`, { time: NOON + 2 * n + 1, level: n === 100 ? "warning" : "debug" }),
    );
  }
  await fleet.publisher.flush(5_000);
  await using log = await reader(broker);
  expect(await idsIn(log.connection, log.stream, "svc")).toEqual(["cam.a.main", "dome.main", "quiet.main"]);
  expect(await log.read(["dome.main"], {}, 3)).toEqual(["d147", "d148", "d149"]);
  expect(await log.read(["quiet.main"], {}, 3)).toEqual(["q"]);
  expect(await log.read(["dome.main", "cam.a.main"], {}, 4)).toEqual(["d148", "c148", "d149", "c149"]);
  expect(await log.read(undefined, {}, 3)).toEqual(["c148", "d149", "c149"]);
  expect((await log.read(undefined, {}, 10_000)).length).toBe(301);
  expect(await log.read(undefined, { least: "warning" }, 10)).toEqual(["d7", "d57", "c100", "d107"]);
  expect(await log.read(["dome.main"], { since: NOON + 10, until: NOON + 14 }, 10)).toEqual(["d5", "d6", "d7"]);
  expect(await log.read(undefined, {}, 0)).toEqual([]);
  expect(await log.read(["nobody.main"], {}, 5)).toEqual([]);
});

test("a broker without the stream says so", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  expect(await findStream(connection, "svc", "log")).toMatchObject({ ok: false, reason: "no_stream" });
  await connection.close();
});

test("followed lines come once each and in order, while the broker is killed again and again", async () => {
  await using broker = await startNats();
  await using fleet = await publish(broker);
  const told: string[] = [];
  const follower = new StreamFollower({
    prefix: "svc",
    kind: "log",
    subject: "svc.log.>",
    after: 0,
    onMessage: linesTo(({ record }) => told.push(record.message)),
  });
  const link = new Link(settings(broker), "test", {
    up: (connection) => follower.resume(connection),
    down: () => undefined,
    refused: () => undefined,
    state: () => undefined,
  });
  await link.start();
  let n = 0;
  const talk = setInterval(() => fleet.publisher.push("dome.main", record(`${n++}`)), 25);
  for (let round = 0; round < 3; round++) {
    const before = n;
    await waitFor("lines to come", () => told.includes(String(before + 5)));
    await broker.kill();
    await Bun.sleep(500);
    await broker.start();
  }
  clearInterval(talk);
  await waitFor("the last line", () => told.includes(String(n - 1)));
  follower.stop();
  await link.close(1_000);
  expect(told).toEqual(Array.from({ length: n }, (_, i) => String(i)));
}, 60_000);

test("a stream that is deleted under a follower is followed anew when it is there again", async () => {
  await using broker = await startNats();
  await using fleet = await publish(broker);
  await using log = await reader(broker);
  const told: string[] = [];
  const onMessage = linesTo(({ record }) => told.push(record.message));
  const follower = new StreamFollower({ prefix: "svc", kind: "log", subject: "svc.log.>", after: 0, onMessage });
  follower.resume(log.connection);
  fleet.publisher.push("dome.main", record("one"));
  await waitFor("the first line", () => told.length === 1);
  const manager = await log.connection.jetstreamManager();
  await manager.streams.delete("svc_log");
  await ensureStreams(log.connection);
  fleet.publisher.push("dome.main", record("two"));
  await waitFor("the second line", () => told.length === 2);
  follower.stop();
  expect(told).toEqual(["one", "two"]);
}, 60_000);
