// Experimance's messages, and the dispatch of topics.
import { describe, expect, test } from "bun:test";
import {
  decodeTask,
  decodeTopicMessage,
  encodeTask,
  encodeTopicMessage,
  heartbeat,
  Publisher,
  Push,
  Subscriber,
  TopicHandlers,
  ZmtpMessageError,
  ZmtpUsageError,
} from "../../src/zmtp/index.ts";
import { LIMIT_MS } from "../support/wait.ts";
import { PyzmqSocket } from "./pyzmq.ts";

const LIMIT = { timeoutMs: LIMIT_MS };

describe("the form of messages", () => {
  test("is <topic><blank><json> in one frame", () => {
    const frame = encodeTopicMessage("worker.status", { type: "Status", text: "a b" });
    expect(frame).toBe('worker.status {"type":"Status","text":"a b"}');
    expect(decodeTopicMessage(Buffer.from(frame))).toEqual({
      topic: "worker.status",
      message: { type: "Status", text: "a b" },
    });
  });

  test("without a topic is JSON alone, as a task is", () => {
    expect(decodeTopicMessage(Buffer.from('{"type": "X"}'))).toEqual({ topic: "", message: { type: "X" } });
    expect(encodeTask({ task_id: "7" })).toBe('{"task_id":"7"}');
    expect(decodeTask(Buffer.from('{"task_id": "7"}'))).toEqual({ task_id: "7" });
  });

  test("of a heartbeat has type, timestamp in seconds, service and state", () => {
    expect(heartbeat("dome", "running", 1_700_000_000.5)).toEqual({
      type: "Heartbeat",
      timestamp: 1_700_000_000.5,
      service: "dome",
      state: "running",
    });
    expect(Math.abs(heartbeat("dome", "running").timestamp - Date.now() / 1000)).toBeLessThan(60);
  });

  test.each(["topic not json", "topic [1]", "topic", "topic null"])("is not %s", (text) => {
    expect(() => decodeTopicMessage(Buffer.from(text))).toThrow(ZmtpMessageError);
    expect(() => decodeTopicMessage(Buffer.from(text))).toThrow(/expected a JSON object, got/);
  });

  test.each(["", "two words", "{x", "a\n"])("has no topic %j", (topic) => {
    expect(() => encodeTopicMessage(topic, {})).toThrow(ZmtpUsageError);
    expect(() => new TopicHandlers().on(topic, () => undefined)).toThrow(ZmtpUsageError);
  });

  test("is what a Python service reads", async () => {
    await using push = new Push();
    await using pull = new PyzmqSocket("PULL");
    await pull.connect(await push.bind("tcp://127.0.0.1:*"));
    await push.send(encodeTask({ task_id: 1 }));
    expect(await pull.receive()).toEqual(['{"task_id":1}']);
  });
});

describe("topic handlers", () => {
  const frameOf = (topic: string) => Buffer.from(encodeTopicMessage(topic, { type: topic }));

  test("get their own topic: longer ones that begin the same are somebody else's", async () => {
    const heard: string[] = [];
    const handlers = new TopicHandlers()
      .on("state", (_, topic) => void heard.push(`state: ${topic}`))
      .on("state.dome", (_, topic) => void heard.push(`dome: ${topic}`))
      .onPrefix("worker.", (_, topic) => void heard.push(`workers: ${topic}`))
      .onPrefix("worker.one", (_, topic) => void heard.push(`one: ${topic}`));
    const topics = ["state", "state.dome", "state.dome.x", "statement", "worker.two", "worker.one", "worker"];
    const handled = await Promise.all(topics.map((topic) => handlers.dispatch(frameOf(topic))));
    expect(handled).toEqual([true, true, false, false, true, true, false]);
    expect(heard).toEqual(["state: state", "dome: state.dome", "workers: worker.two", "one: worker.one"]);
  });

  test("for all others get what nobody else asked for", async () => {
    const heard: string[] = [];
    const handlers = new TopicHandlers()
      .on("a", () => void heard.push("a"))
      .onOthers(({ type }, topic) => void heard.push(`${topic}=${type}`));
    expect(handlers.subscriptions).toEqual([""]);
    for (const frame of [frameOf("a"), frameOf("ab"), Buffer.from('{"type":"bare"}')]) await handlers.dispatch(frame);
    expect(heard).toEqual(["a", "ab=ab", "=bare"]);
  });

  test("are waited for, and what they throw is thrown", async () => {
    const handlers = new TopicHandlers().on("a", async () => {
      await Bun.sleep(1);
      throw new Error("from the handler");
    });
    await expect(handlers.dispatch(frameOf("a"))).rejects.toThrow("from the handler");
  });

  test("make the publisher send only what they handle", async () => {
    await using pub = new Publisher();
    const handlers = new TopicHandlers().on("state", () => undefined);
    await using sub = new Subscriber({ subscribe: handlers.subscriptions });
    sub.connect(await pub.bind("tcp://127.0.0.1:*"));
    await pub.whenSubscribed("state ", LIMIT);
    for (const topic of ["statement", "state.dome", "state"]) await pub.send(encodeTopicMessage(topic, { topic }));
    expect(pub.sent).toBe(1);
    const [frame = Buffer.alloc(0)] = await sub.receive(LIMIT);
    expect(await handlers.dispatch(frame)).toBe(true);
  });
});
