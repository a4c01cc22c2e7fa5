// With the real Python package on the other end: each reads what the other writes.
import { describe, expect, test } from "bun:test";
import { waitFor, within } from "../support/wait.ts";
import { allOf, HAS_SERVERISH, openBench, startPeer } from "./support.ts";

// It is installed where the package can be had: elsewhere captured.test.ts reads what it has written once.
describe.skipIf(!HAS_SERVERISH)("serverish in Python", () => {
  test("what it publishes is read here, with its meta", async () => {
    await using bench = await openBench();
    await using peer = await startPeer(bench.broker, ["publish", "night.wind", '{"speed": 1}', '{"speed": 2.5}']);
    await peer.ended();
    const messages = [];
    for await (const message of bench.messenger().getReader("night.wind", { nowait: true })) messages.push(message);
    expect(messages.map(({ data }) => data)).toEqual([{ speed: 1 }, { speed: 2.5 }]);
    const [first] = messages;
    expect(first?.meta).toMatchObject({ trace_level: 10, tags: [], nats: { js: true, seq: 1, stream: "night" } });
  });

  test("it reads what is published here", async () => {
    await using bench = await openBench();
    const messenger = bench.messenger();
    const publisher = messenger.getPublisher("night.wind");
    await publisher.publish({ speed: 1 });
    await publisher.publish({ speed: 2 }, { tags: ["gust"], message_type: "wind" });
    await using peer = await startPeer(bench.broker, ["read", "night.wind", "all", "2"], true);
    const [first, second] = await peer.heard(2);
    expect(first).toMatchObject({ data: { speed: 1 }, meta: { sender: "test", message_type: "", nats: { seq: 1 } } });
    expect(second).toMatchObject({ data: { speed: 2 }, meta: { tags: ["gust"] } });
  });

  test("it follows what is published here, message by message", async () => {
    await using bench = await openBench();
    await using peer = await startPeer(bench.broker, ["follow", "night.wind"], true);
    const publisher = bench.messenger().getPublisher("night.wind");
    // "new" begins when its consumer is there, which it does not tell.
    await waitFor("the first message", async () => {
      await publisher.publish({ speed: 0 });
      return peer.told.length > 0;
    });
    await publisher.publish({ speed: 7 });
    await waitFor("the last message", () => peer.told.some((one) => Bun.deepEquals(one.data, { speed: 7 })));
    expect(peer.told.at(-1)).toEqual({ data: { speed: 7 }, sender: "test" });
  });

  test("its single reader gets the last value published here", async () => {
    await using bench = await openBench();
    const messenger = bench.messenger();
    await messenger.singlePublish("night.config", { version: 1 });
    await messenger.singlePublish("night.config", { version: 2 });
    await using peer = await startPeer(bench.broker, ["single", "night.config"]);
    await peer.ended();
    expect(peer.told).toMatchObject([{ data: { version: 2 } }]);
  });

  test("last_per_subject reads one value of each of its subjects", async () => {
    await using bench = await openBench();
    for (const [name, value] of [
      ["a", 1],
      ["a", 2],
      ["b", 3],
    ] as const) {
      await using peer = await startPeer(bench.broker, ["publish", `night.last.${name}`, `{"value": ${value}}`]);
      await peer.ended();
    }
    const messenger = bench.messenger();
    const reader = messenger.getReader("night.last.*", { deliverPolicy: "last_per_subject", nowait: true });
    expect(await allOf(reader)).toEqual([{ value: 2 }, { value: 3 }]);
    await messenger.singlePublish("night.last.b", { value: 4 });
    await using peer = await startPeer(bench.broker, ["read", "night.last.*", "last_per_subject", "2"], true);
    expect((await peer.heard(2)).map(({ data }) => data)).toEqual([{ value: 2 }, { value: 4 }]);
  });

  test("it answers requests from here; its exceptions are errors as data", async () => {
    await using bench = await openBench();
    await using peer = await startPeer(bench.broker, ["respond", "math.sum"], true);
    const messenger = bench.messenger();
    const answer = await messenger.request("math.sum", { a: 1, b: 2 });
    expect(answer).toMatchObject({ data: { sum: 3 }, error: undefined, meta: { tags: ["from-python"] } });
    expect(await messenger.request("math.sum", { a: 0 })).toMatchObject({ data: {}, error: "a is zero" });
    expect(peer.told).toEqual([]);
  });

  test("its requests are answered from here; what is thrown here is an error to it", async () => {
    await using bench = await openBench();
    const messenger = bench.messenger();
    messenger.getRpcResponder<{ a: number; b: number }>("math.sum", {}, (rpc) => {
      if (rpc.data.a === 0) throw new Error("a is zero");
      rpc.setResponse({ sum: rpc.data.a + rpc.data.b });
    });
    await messenger.connected(10_000);
    await messenger.connection?.flush();
    await using sum = await startPeer(bench.broker, ["ask", "math.sum", '{"a": 20, "b": 3}']);
    await using zero = await startPeer(bench.broker, ["ask", "math.sum", '{"a": 0, "b": 3}']);
    await within("the answers", Promise.all([sum.ended(), zero.ended()]));
    expect(sum.told).toMatchObject([{ data: { sum: 23 } }]);
    expect(zero.told).toMatchObject([{ data: {}, meta: { status: "error", error: "a is zero" } }]);
  });

  test("its journal is read here, and it reads a journal from here", async () => {
    await using bench = await openBench();
    await using peer = await startPeer(bench.broker, ["journal", "night.journal"]);
    await peer.ended();
    const messenger = bench.messenger();
    const entries = await allOf(messenger.getJournalReader("night.journal", { deliverPolicy: "all", nowait: true }));
    expect(entries).toMatchObject([
      { level: 20, message: "the dome opens", op: "publish" },
      { level: 25, message: "a notice with words" },
      { level: 30, message: "wind", explanation: "15 m/s", icon: "W", actions: ["acknowledge"] },
    ]);
    const journal = messenger.getJournalPublisher("night.ours");
    journal.notice("the dome closes", { explanation: "rain", icon: "R", actions: ["acknowledge"] });
    journal.error("no guide star");
    await using reader = await startPeer(bench.broker, ["read-journal", "night.ours", "2"], true);
    expect(await reader.heard(2)).toMatchObject([
      {
        entry: { level: 25, message: "the dome closes", explanation: "rain", icon: "R", actions: ["acknowledge"] },
        type: "journal.publish",
      },
      { entry: { level: 40, message: "no guide star" } },
    ]);
  });

  test("its progress is read here until all is done, and it reads progress from here", async () => {
    await using bench = await openBench();
    await using peer = await startPeer(bench.broker, ["progress", "night.progress"]);
    await peer.ended();
    const messenger = bench.messenger();
    const tasks = await allOf(messenger.getProgressReader("night.progress", { deliverPolicy: "all" }));
    expect(tasks.map(({ completed }) => completed)).toEqual([0, 1, 2, 3]);
    expect(tasks.at(-1)).toMatchObject({ description: "exposing", total: 3, finished_time: expect.any(Number) });
    const progress = messenger.getProgressPublisher("night.ours");
    for await (const _ of progress.track([1, 2], "reading out"));
    await using reader = await startPeer(bench.broker, ["read-progress", "night.ours"], true);
    // It ends by itself: by the tag.
    await within("the end of its reading", reader.ended());
    expect(reader.told).toMatchObject([
      { task: { description: "reading out", total: 2, completed: 0 }, tags: [] },
      { task: { completed: 1 }, percentage: 50 },
      { task: { completed: 2, finished_time: expect.any(Number) }, percentage: 100, tags: ["all-done"] },
    ]);
  });
});
