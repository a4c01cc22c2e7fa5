// Reading from streams: every policy, and everything that can happen to a broker, a stream or a consumer meanwhile.
import { expect, test } from "bun:test";
import { z } from "zod";
import { BrokerUnreachableError } from "../../src/common/errors.ts";
import { ReadTimeoutError } from "../../src/messenger/errors.ts";
import { jsonSchema, type MissedMessages, NoStreamError, type ReadFault } from "../../src/messenger/index.ts";
import { waitFor, within } from "../support/wait.ts";
import { allOf, openBench } from "./support.ts";

test("all, last, last_per_subject, by_start_time and new begin where they say", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  await messenger.singlePublish("night.a", { n: 1 });
  await messenger.singlePublish("night.a", { n: 2 });
  const { meta } = await messenger.singleRead("night.a");
  await messenger.singlePublish("night.b", { n: 3 });
  const read = (options: object) => allOf(messenger.getReader("night.*", { nowait: true, ...options }));
  expect(await read({})).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect(await read({ deliverPolicy: "last" })).toEqual([{ n: 3 }]);
  expect(await read({ deliverPolicy: "last_per_subject" })).toEqual([{ n: 2 }, { n: 3 }]);
  expect(await read({ deliverPolicy: "new" })).toEqual([]);
  expect(meta.nats).toMatchObject({ js: true, seq: 2, stream: "night", subject: "night.a" });
  const [year, month, day, ...time] = meta.nats.js ? meta.nats.timestamp : [0, 0, 0];
  const [hour = 0, minute = 0, second = 0, micros = 0] = time;
  const startTime = new Date(Date.UTC(year, month - 1, day, hour, minute, second, Math.floor(micros / 1000)));
  expect((await read({ deliverPolicy: "by_start_time", startTime })).at(-1)).toEqual({ n: 3 });
  expect(() => messenger.getReader("night.*", { deliverPolicy: "by_start_time" })).toThrow("needs a startTime");
});

test("a reader goes on where it was when the broker is killed and comes back", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const publisher = messenger.getPublisher<{ n: number }>("night.a");
  for (let n = 0; n < 20; n++) await publisher.publish({ n });
  const reader = messenger.getReader<{ n: number }>("night.a");
  const seen: number[] = [];
  for (let n = 0; n < 10; n++) seen.push((await reader.next(10_000))?.data.n ?? -1);
  await bench.broker.kill();
  const later = [20, 21, 22].map((n) => publisher.publish({ n }));
  await bench.broker.start();
  await within("the buffered messages", Promise.all(later));
  while (seen.length < 23) seen.push((await reader.next(20_000))?.data.n ?? -1);
  expect(seen).toEqual(Array.from({ length: 23 }, (_, n) => n));
  expect(messenger.healthStatus).toMatchObject({ state: "connected", sent: 23, dropped: 0, buffered: 0 });
});

test("a reader that has found nothing to read goes on there after an outage: what is older stays unread", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const publisher = messenger.getPublisher<{ n: number }>("night.a");
  for (const n of [1, 2, 3]) await publisher.publish({ n });
  const missed: MissedMessages[] = [];
  const onMissed = (some: MissedMessages) => void missed.push(some);
  const since = messenger.getReader<{ n: number }>("night.a", {
    deliverPolicy: "by_start_time",
    startTime: new Date(Date.now() + 1),
    onMissed,
  });
  const other = messenger.getReader<{ n: number }>("night.b", { onMissed });
  const [first, firstOther] = [since.next(30_000), other.next(30_000)];
  await waitFor("both to read", () => since.healthStatus.isReading && other.healthStatus.isReading);
  const manager = await bench.bare.jetstreamManager();
  await manager.streams.purge("night", { seq: 3 });
  await bench.broker.kill();
  const later = publisher.publish({ n: 4 });
  const otherLater = messenger.singlePublish("night.b", { n: 5 });
  await bench.broker.start();
  await within("the buffered messages", Promise.all([later, otherLater]));
  expect((await first)?.data).toEqual({ n: 4 });
  expect((await firstOther)?.data).toEqual({ n: 5 });
  expect(missed).toEqual([]);
});

test("a consumer that somebody deletes is made again: no message twice, none left out", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const publisher = messenger.getPublisher<{ n: number }>("night.a");
  const reader = messenger.getReader<{ n: number }>("night.a");
  await publisher.publish({ n: 0 });
  expect((await reader.next(10_000))?.data).toEqual({ n: 0 });
  const manager = await bench.bare.jetstreamManager();
  for await (const { name } of manager.consumers.list("night")) await manager.consumers.delete("night", name);
  await publisher.publish({ n: 1 });
  expect((await reader.next(20_000))?.data).toEqual({ n: 1 });
  await waitFor("the restart to be counted", () => reader.healthStatus.restarts > 0);
});

test("messages that were purged before they were read are told, and what comes after them is read", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const missed: MissedMessages[] = [];
  const publisher = messenger.getPublisher<{ n: number }>("night.a");
  const reader = messenger.getReader<{ n: number }>("night.a", { onMissed: (one) => missed.push(one) });
  await publisher.publish({ n: 0 });
  expect((await reader.next(10_000))?.data).toEqual({ n: 0 });
  const manager = await bench.bare.jetstreamManager();
  // More than the reader has room for.
  const big = "x".repeat(200_000);
  for (let n = 1; n <= 200; n++) await publisher.publish({ n, big } as { n: number });
  await manager.streams.purge("night");
  await publisher.publish({ n: 201 });
  let last = 0;
  while (last !== 201) last = (await reader.next(20_000))?.data.n ?? -1;
  await waitFor("the missed messages", () => missed.length > 0);
  expect(missed.at(-1)).toMatchObject({ subject: "night.a", to: 201, why: "removed" });
});

test("a stream that is deleted and made anew is read from its beginning, and that is told", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const missed: MissedMessages[] = [];
  const faults: ReadFault[] = [];
  const publisher = messenger.getPublisher<{ n: number }>("night.a");
  const reader = messenger.getReader<{ n: number }>("night.a", {
    onMissed: (one) => missed.push(one),
    onError: (fault) => faults.push(fault),
  });
  for (let n = 0; n < 3; n++) await publisher.publish({ n });
  for (let n = 0; n < 3; n++) expect((await reader.next(10_000))?.data).toEqual({ n });
  const manager = await bench.bare.jetstreamManager();
  await manager.streams.delete("night");
  await waitFor("the missing stream to be told", () => faults.some(({ kind }) => kind === "stream"));
  await manager.streams.add({ name: "night", subjects: ["night.>"] });
  await publisher.publish({ n: 10 });
  expect((await reader.next(20_000))?.data).toEqual({ n: 10 });
  expect(missed).toEqual([{ subject: "night.a", from: 0, to: 0, isExact: false, why: "another stream" }]);
});

test("a program ends when the connection is closed that it has lent to a messenger, though a reader waits", async () => {
  await using bench = await openBench();
  const script = `
    const { connect } = await import("nats");
    const { Messenger } = await import(${JSON.stringify(`${import.meta.dir}/../../src/messenger/index.ts`)});
    const connection = await connect({ servers: "${bench.broker.url}" });
    const messenger = new Messenger({ connection });
    void messenger.getReader("night.a").next();
    await messenger.singlePublish("night.b", {});
    await connection.close();`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdio: ["ignore", "ignore", "pipe"] });
  try {
    expect(await within("its end", child.exited)).toBe(0);
    expect(await child.stderr.text()).toBe("");
  } finally {
    child.kill();
  }
});

test("a slow reader holds little: the broker keeps the rest", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const publisher = messenger.getPublisher("night.a");
  const text = "x".repeat(100_000);
  for (let n = 0; n < 500; n++) await publisher.publish({ n, text });
  const reader = messenger.getReader("night.a");
  await reader.next(10_000);
  let most = 0;
  for (let n = 1; n < 500; n++) {
    most = Math.max(most, reader.healthStatus.waiting);
    const received = await reader.next(10_000);
    expect(received?.data.n).toBe(n);
  }
  // 8 MiB of 100 kB messages.
  expect(most).toBeLessThan(100);
});

test("after small messages large ones do not fill the memory", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger({ buffer: { maxBytes: 64 * 2 ** 20 } });
  const publisher = messenger.getPublisher("night.a");
  const reader = messenger.getReader("night.a");
  await publisher.publish({ n: 0 });
  expect((await reader.next(10_000))?.data.n).toBe(0);
  const text = "x".repeat(500_000);
  for (let n = 1; n <= 100; n++) await publisher.publish({ n, text });
  await waitFor("the first of them", () => reader.healthStatus.waiting > 0);
  // 50 MB are there; a second request may be under way.
  expect(reader.healthStatus.waiting).toBeLessThan(40);
  for (let n = 1; n <= 100; n++) expect((await reader.next(10_000))?.data.n).toBe(n);
});

test("a reader that is closed hands out nothing more, though messages wait in it", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const publisher = messenger.getPublisher<{ n: number }>("night.a");
  for (let n = 0; n < 10; n++) await publisher.publish({ n });
  const reader = messenger.getReader<{ n: number }>("night.a");
  await reader.next(10_000);
  await waitFor("messages that wait", () => reader.healthStatus.waiting > 0);
  const seen: number[] = [];
  for await (const { data } of reader) {
    seen.push(data.n);
    if (data.n === 3) reader.close();
  }
  expect(seen).toEqual([1, 2, 3]);
});

test("rubbish is told and skipped; what does not fit its schema too", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const publisher = messenger.getPublisher("night.a");
  await publisher.publish({ speed: 1 });
  for (const rubbish of ["", "{", "[]", "{}", '{"data":{},"meta":{"id":1}}', "\u0000\u00ff"]) {
    await bench.bare.jetstream().publish("night.a", rubbish);
  }
  await publisher.publish({ speed: "fast" });
  await publisher.publish({ speed: 2 });
  const faults: ReadFault[] = [];
  const schema = z.object({ speed: z.number() });
  const onError = (fault: ReadFault) => {
    faults.push(fault);
    throw new Error("a callback that fails does no harm");
  };
  const reader = messenger.getReader("night.a", { schema, nowait: true, onError });
  expect(await allOf(reader)).toEqual([{ speed: 1 }, { speed: 2 }]);
  expect(faults.map(({ kind, seq }) => `${kind} ${seq}`)).toEqual([
    ...[2, 3, 4, 5, 6, 7].map((seq) => `message ${seq}`),
    "schema 8",
  ]);
  expect(faults.at(-1)?.message).toStartWith("night.a: the data does not fit its schema (speed: ");
  expect(reader.healthStatus).toMatchObject({ read: 2, skipped: 7 });
  const json = jsonSchema<{ speed: number }>({
    type: "object",
    properties: { speed: { type: "number" } },
    required: ["speed"],
  });
  const byJson = messenger.getReader("night.a", { schema: json, nowait: true, onError });
  expect(await allOf(byJson)).toEqual([{ speed: 1 }, { speed: 2 }]);
});

test("without a stream a reader that does not wait says so; one that waits begins when there is one", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const nowait = messenger.getReader("nowhere.a", { nowait: true });
  expect(allOf(nowait)).rejects.toThrow(new NoStreamError("no stream on this broker stores nowhere.a"));
  const reader = messenger.getReader("nowhere.a");
  const first = reader.next(20_000);
  const warning = await waitFor("the warning", () => bench.log.find(({ message }) => message.includes("nowhere.a")));
  expect(warning).toMatchObject({ level: "warning" });
  await (await bench.bare.jetstreamManager()).streams.add({ name: "late", subjects: ["nowhere.>"] });
  await messenger.singlePublish("nowhere.a", { n: 1 });
  expect((await first)?.data).toEqual({ n: 1 });
});

test("a reader that does not wait says so when the broker goes before all is read", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const publisher = messenger.getPublisher<{ text: string }>("night.a");
  const text = "x".repeat(50_000);
  await Promise.all(Array.from({ length: 300 }, () => publisher.publish({ text })));
  const reader = messenger.getReader("night.a", { nowait: true });
  await reader.next();
  await bench.broker.kill();
  // Not only when the silence of the consumer is noticed.
  const end = await within(
    "its end",
    allOf(reader).catch((error: unknown) => error),
    12_000,
  );
  expect(end).toBeInstanceOf(BrokerUnreachableError);
});

test("a single reader gets the last value, waits for the first, or says that there is none", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const single = messenger.getSingleReader("night.config");
  expect(single.read({ timeoutMs: 0 })).rejects.toBeInstanceOf(ReadTimeoutError);
  expect(single.read({ timeoutMs: 100 })).rejects.toThrow("no message on night.config in the time given");
  const waiting = single.read({ timeoutMs: 20_000 });
  await messenger.singlePublish("night.config", { version: 1 });
  expect((await waiting).data).toEqual({ version: 1 });
  await messenger.singlePublish("night.config", { version: 2 });
  expect((await single.read({ timeoutMs: 0 })).data).toEqual({ version: 2 });
});

test("a callback is called with one message after the other, survives its own errors, and ends by false", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const faults: ReadFault[] = [];
  const seen: number[] = [];
  let under = 0;
  const options = { deliverPolicy: "all", onError: (fault: ReadFault) => faults.push(fault) } as const;
  const subscriber = messenger.getCallbackSubscriber<{ n: number }>("night.a", options, async ({ data }) => {
    under += 1;
    await Bun.sleep(1);
    if (under !== 1) throw new Error("two at a time");
    under -= 1;
    seen.push(data.n);
    if (data.n === 1) throw new Error("no good");
    return data.n < 3;
  });
  for (let n = 0; n < 5; n++) await messenger.singlePublish("night.a", { n });
  await within("its end", subscriber.ended);
  expect(seen).toEqual([0, 1, 2, 3]);
  expect(faults).toMatchObject([{ kind: "callback", message: "no good", seq: 2 }]);
});

test("a live document follows its subject, and tells of the part that is asked for", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  await messenger.singlePublish("night.site", { dome: { limit: 1 }, other: 1 });
  await using site = messenger.getLiveDocument<{ dome: { limit: number }; other: number }>("night.site");
  expect((await site.ready(10_000)).dome.limit).toBe(1);
  const limits: number[] = [];
  site.onChange(
    (now) => limits.push(now.dome.limit),
    ({ dome }) => dome.limit,
  );
  await messenger.singlePublish("night.site", { dome: { limit: 1 }, other: 2 });
  await messenger.singlePublish("night.site", { dome: { limit: 5 }, other: 2 });
  await waitFor("the change", () => limits.length > 0);
  expect(limits).toEqual([5]);
  expect(site.version).toBe(3);
  await using none = messenger.getLiveDocument("night.none");
  expect(none.ready(50)).rejects.toThrow("no document on night.none within 0.05 s");
});
