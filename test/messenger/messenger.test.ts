// Publishing, core subjects, RPC, journal and progress, and the end of a messenger.
import { expect, test } from "bun:test";
import { z } from "zod";
import { Logger } from "../../src/common/logger.ts";
import { BufferFullError, ClosedError, Messenger, NotSentError, SchemaError } from "../../src/messenger/index.ts";
import { freePort } from "../support/ports.ts";
import { waitFor, within } from "../support/wait.ts";
import { allOf, openBench } from "./support.ts";

test("a published message is where its outcome says; without a stream live subscribers have it", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const live: unknown[] = [];
  await using _ = messenger.getCoreSubscriber("free.>", {}, ({ data }) => live.push(data));
  await messenger.connected(10_000);
  await messenger.connection?.flush();
  expect(await messenger.singlePublish("night.a", { n: 1 })).toMatchObject({ stored: true, stream: "night", seq: 1 });
  expect(await messenger.singlePublish("free.a", { n: 2 })).toMatchObject({ stored: false, data: { n: 2 } });
  await waitFor("the live message", () => live.length > 0);
  expect(live).toEqual([{ n: 2 }]);
  expect(bench.log).toEqual([]);
});

test("data that does not fit is not published, nor is what is no JSON; a subject with wildcards is none", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const publisher = messenger.getPublisher("night.a", { schema: z.object({ speed: z.number() }) });
  // The type says so too: this is what a program in JavaScript does.
  const wrong = { speed: "fast" } as unknown as { speed: number };
  expect(publisher.publish(wrong)).rejects.toBeInstanceOf(SchemaError);
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  expect(messenger.singlePublish("night.a", circle)).rejects.toBeInstanceOf(NotSentError);
  expect(() => messenger.getPublisher("night.*")).toThrow(NotSentError);
  await publisher.publish({ speed: 1 });
  expect(publisher.healthStatus).toMatchObject({ published: 1, errors: 1 });
});

test("while the broker is away messages are kept, in order, and sent when it is there", async () => {
  await using bench = await openBench();
  await bench.broker.stop();
  const messenger = bench.messenger();
  const publisher = messenger.getPublisher("night.a");
  const sending = [1, 2, 3].map((n) => publisher.publish({ n }));
  await waitFor("the buffer", () => messenger.healthStatus.buffered === 3);
  await bench.broker.start();
  const outcomes = await within("the messages", Promise.all(sending));
  expect(outcomes.map((one) => one.stored && one.seq)).toEqual([1, 2, 3]);
});

test.each([
  ["drop-oldest", [3, 4], "NotSentError NotSentError - -"],
  ["drop-newest", [1, 2], "- - NotSentError NotSentError"],
  ["refuse", [1, 2], "- - BufferFullError BufferFullError"],
] as const)("a full buffer: %s", async (whenFull, kept, ends) => {
  await using bench = await openBench();
  await bench.broker.stop();
  const messenger = bench.messenger({ buffer: { maxMessages: 2, whenFull } });
  const publisher = messenger.getPublisher<{ n: number }>("night.a");
  const sending = [1, 2, 3, 4].map((n) => publisher.publish({ n }));
  await bench.broker.start();
  const settled = await within("their outcomes", Promise.allSettled(sending));
  const names = settled.map((one) => (one.status === "fulfilled" ? "-" : (one.reason as Error).name));
  expect(names.join(" ")).toBe(ends);
  expect((await allOf(messenger.getReader<{ n: number }>("night.a", { nowait: true }))).map(({ n }) => n)).toEqual([
    ...kept,
  ]);
  expect(messenger.healthStatus).toMatchObject({ sent: 2, dropped: 2, buffered: 0 });
  expect(BufferFullError.name).toBe("BufferFullError");
});

test("an answer comes by setResponse, responseNow or return; errors come as data", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const after: string[] = [];
  messenger.getRpcResponder<{ how: string }>("calc.do", {}, async (rpc) => {
    if (rpc.data.how === "set") rpc.setResponse({ by: "set" }, { tags: ["x"] });
    if (rpc.data.how === "now") {
      rpc.responseNow({ by: "now" });
      expect(() => rpc.responseNow({})).toThrow("answered already");
      await Bun.sleep(1);
      after.push("went on");
    }
    if (rpc.data.how === "throw") throw new Error("no filter in the wheel");
    if (rpc.data.how === "bigint") return { n: 1n };
    if (rpc.data.how === "return") return { by: "return" };
    return undefined;
  });
  const ask = (how: string) => messenger.request("calc.do", { how });
  expect(await ask("set")).toMatchObject({ data: { by: "set" }, meta: { tags: ["x"] }, error: undefined });
  expect(await ask("now")).toMatchObject({ data: { by: "now" } });
  expect(await ask("return")).toMatchObject({ data: { by: "return" } });
  expect(await ask("nothing")).toMatchObject({ data: {}, error: undefined });
  expect(await ask("throw")).toMatchObject({ data: {}, error: "no filter in the wheel", meta: { status: "error" } });
  expect((await ask("bigint")).error).toContain("the data is no JSON");
  await waitFor("the rest of it", () => after.length > 0);
  const bare = await bench.bare.request("calc.do", "rubbish");
  expect(bare.json()).toMatchObject({ meta: { status: "error", error: expect.stringContaining("cannot be read") } });
  expect(messenger.request("calc.undo", {})).rejects.toThrow("nobody answers on calc.undo");
});

test("of several responders one answers; they answer again when the broker is back", async () => {
  await using bench = await openBench();
  const [one, two] = [bench.messenger({ name: "one" }), bench.messenger({ name: "two" })];
  let answers = 0;
  for (const messenger of [one, two]) {
    messenger.getRpcResponder("calc.who", {}, () => {
      answers += 1;
      return { who: messenger.name };
    });
    await messenger.connected(10_000);
    await messenger.connection?.flush();
  }
  for (let n = 0; n < 10; n++) await one.request("calc.who");
  expect(answers).toBe(10);
  await bench.broker.kill();
  await bench.broker.start();
  const asker = bench.messenger();
  const { data } = await waitFor("an answer", () => asker.request("calc.who", {}, { timeoutMs: 1_000 }));
  expect(["one", "two"]).toContain(String(data.who));
});

test("a logger writes a journal; a reader of the journal reads it", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const journal = messenger.getJournalPublisher("night.journal");
  const logger = new Logger("dome", journal.sink("warning"), "debug");
  logger.info("left out");
  logger.warning("wind", 15);
  journal.notice("closing", { actions: ["acknowledge"] });
  await messenger.flush(10_000);
  const entries = await allOf(messenger.getJournalReader("night.journal", { deliverPolicy: "all", nowait: true }));
  expect(entries).toMatchObject([
    { level: 30, message: "dome: wind 15", op: "publish" },
    { level: 25, message: "closing", actions: ["acknowledge"] },
  ]);
});

test("progress counts, finishes, stops and begins anew; a reader ends with the last task", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const progress = messenger.getProgressPublisher("night.progress");
  const frames = progress.addTask("frames", { total: 2, id: "frames" });
  const other = progress.addTask("other", { start: false, total: null });
  progress.advance(frames, 2);
  progress.startTask(other);
  progress.update(other, { total: 10, completed: 10, description: "known by now" });
  expect(progress.allDone).toBe(true);
  const read = await allOf(messenger.getProgressReader("night.progress", { deliverPolicy: "all" }));
  expect(read.map(({ description, completed, total }) => [description, completed, total])).toEqual([
    ["frames", 0, 2],
    ["other", 0, null],
    ["frames", 2, 2],
    ["other", 0, null],
    ["known by now", 10, 10],
  ]);
  progress.reset(frames);
  expect(progress.allDone).toBe(false);
  expect(() => progress.advance("nobody")).toThrow('there is no task "nobody"');
  const broken = progress.track([1, 2, 3], "broken");
  await expect(async () => {
    for await (const n of broken) if (n === 2) throw new Error("no light");
  }).toThrow("no light");
  expect(progress.tasks.at(-1)).toMatchObject({ completed: 1, stop_time: expect.any(Array) });
});

test("close drains: what is under way is answered and sent; then nothing is taken any more", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  const asker = bench.messenger({ name: "asker" });
  const begun = Promise.withResolvers<void>();
  messenger.getRpcResponder("calc.slow", {}, async () => {
    begun.resolve();
    await Bun.sleep(100);
    await messenger.singlePublish("night.a", { from: "the callback" });
    return { done: true };
  });
  await messenger.connected(10_000);
  await messenger.connection?.flush();
  const answer = asker.request("calc.slow");
  await begun.promise;
  const publisher = messenger.getPublisher("night.a");
  const unwatched = Array.from({ length: 200 }, (_, n) => publisher.publish({ n }));
  const reader = messenger.getReader("night.none");
  const waiting = reader.next();
  await messenger.close({ limitMs: 10_000 });
  expect((await answer).data).toEqual({ done: true });
  expect(await waiting).toBeUndefined();
  expect((await Promise.all(unwatched)).every(({ stored }) => stored)).toBe(true);
  expect(await allOf(asker.getReader("night.a", { nowait: true }))).toHaveLength(201);
  expect(publisher.publish({ n: 0 })).rejects.toBeInstanceOf(ClosedError);
  expect(() => messenger.getReader("night.a")).toThrow(ClosedError);
  expect(messenger.healthStatus).toMatchObject({ state: "closed", parts: [], buffered: 0 });
});

test("without a broker open() says so within its time, and a close takes none", async () => {
  const url = `nats://127.0.0.1:${await freePort()}`;
  const log: string[] = [];
  const options = { url, log: ({ message }: { message: string }) => void log.push(message) };
  expect(Messenger.open({ ...options, timeoutMs: 300 })).rejects.toThrow("127.0.0.1");
  const messenger = await Messenger.open(options);
  const lost = messenger.singlePublish("night.a", {});
  const began = performance.now();
  await messenger.close();
  expect(performance.now() - began).toBeLessThan(1_500);
  expect(lost).rejects.toThrow("closed before it was sent");
  expect(log.at(-1)).toContain("1 message not sent");
});
