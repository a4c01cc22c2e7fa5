// Topics: which handler gets what, the same on both transports; heartbeats.
import { describe, expect, test } from "bun:test";
import { connect } from "nats";
import { z } from "zod";
import { service } from "../../src/index.ts";
import { type JsonMessage, SubscriberService, TopicError } from "../../src/kinds/index.ts";
import { beginningOf, checkPattern, matches, TopicTable } from "../../src/kinds/topics.ts";
import { startForTest } from "../../src/service/testing.ts";
import { Publisher, Subscriber } from "../../src/zmtp/index.ts";
import { freePort } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";
import { brokerForServices, Controller, Listener, Speaker, Worker } from "./support.ts";

test.each([
  ["state", "state", true],
  ["state", "state.dome", false],
  ["state", "statement", false],
  ["state.dome", "state", false],
  ["state.*", "state.dome", true],
  ["state.*", "state.dome.azimuth", false],
  ["state.*", "state", false],
  ["state.>", "state.dome.azimuth", true],
  ["state.>", "state", false],
  ["*.dome", "state.dome", true],
  [">", "state", true],
])("%s means %s: %p", (pattern, topic, expected) => {
  expect(matches(pattern, topic)).toBe(expected);
});

test("a message goes to the pattern that says most about its topic, whatever the order they were told in", () => {
  const table = new TopicTable<string>();
  for (const pattern of [">", "state.>", "state.*", "*.dome", "state.dome"]) table.set(pattern, pattern);
  expect(table.takerOf("state.dome")).toBe("state.dome");
  expect(table.takerOf("state.mount")).toBe("state.*");
  expect(table.takerOf("state.mount.ra")).toBe("state.>");
  expect(table.takerOf("wind.dome")).toBe("*.dome");
  expect(table.takerOf("wind")).toBe(">");
  expect(new TopicTable().takerOf("wind")).toBeUndefined();
});

test("patterns begin with whole words", () => {
  expect(beginningOf("state.dome")).toEqual({ text: "state.dome", isWhole: true });
  expect(beginningOf("state.*.ra")).toEqual({ text: "state.", isWhole: false });
  expect(beginningOf(">")).toEqual({ text: "", isWhole: false });
  expect(checkPattern("")).toBe(">");
});

test.each(["a b", "state..dome", "a.>.b", "st*", "{x"])("%p is no pattern", (pattern) => {
  expect(() => checkPattern(pattern)).toThrow(TopicError);
});

@service("watch")
class Watch extends SubscriberService {
  readonly got: [string, string, unknown][] = [];
  override onStart() {
    this.onTopic("state", (message, topic) => void this.got.push(["exact", topic, message.n]));
    this.onTopic("state.>", (message, topic) => void this.got.push(["below", topic, message.n]));
    this.onTopic("wind", z.object({ n: z.number() }), ({ n }, topic) => void this.got.push(["typed", topic, n]));
    this.onTopic("bad", () => {
      throw new Error("it fails");
    });
  }
  override handleMessage(topic: string, message: JsonMessage) {
    this.got.push(["usual", topic, message.n]);
  }
}

describe.each(["nats", "zmq"])("over %s", (transport) => {
  const speaks = transport === "zmq" ? { transport, pub_address: "tcp://127.0.0.1:*" } : { transport };

  test("each topic goes to its own handler, and topics that begin alike to nobody", async () => {
    await using _broker = await brokerForServices();
    await using speaker = await startForTest(Speaker, { ...speaks, heartbeat_interval: 0 });
    const listens =
      transport === "zmq" ? { transport, sub_address: speaker.service.addresses.pub?.[0] } : { transport };
    await using watch = await startForTest(Watch, { ...listens, topics: ["rain", "end"] });
    await waitFor("the first message", async () => {
      await speaker.service.publishMessage({ type: "end", n: 0 });
      return watch.service.got.length > 0;
    });
    const before = watch.service.got.length;
    const sent = ["state", "statement", "state.dome", "states", "raining", "rain", "wind", "windy", "bad", "badly"];
    for (const topic of sent) await speaker.service.publishMessage(topic, { n: 1 });
    await speaker.service.publishMessage("wind", { n: "much" });
    await speaker.service.publishMessage("end", { n: 2 });
    const got = () => watch.service.got.slice(before).filter(([, topic, n]) => topic !== "end" || n === 2);
    await waitFor("all messages", () => got().length >= 5);
    await watch.logged("handling wind: wind: the data does not fit its schema");
    expect(got().toSorted()).toEqual([
      ["below", "state.dome", 1],
      ["exact", "state", 1],
      ["typed", "wind", 1],
      ["usual", "end", 2],
      ["usual", "rain", 1],
    ]);
    await watch.logged("handling bad: it fails");
    expect(watch.service.messageCounts).toMatchObject({ failed: 2, lost: 0 });
    expect(watch.status).toBe("ok");
  });

  test.each([
    ["handles what has come, within finish_sec", 5, 4, 0],
    ["tells and counts what it could not handle by then", 0.2, 1, 3],
  ])("a stop %s", async (_, finish_sec, handled, lost) => {
    await using _broker = await brokerForServices();
    await using speaker = await startForTest(Speaker, { ...speaks, heartbeat_interval: 0 });
    const listens =
      transport === "zmq" ? { transport, sub_address: speaker.service.addresses.pub?.[0] } : { transport };
    const gate = Promise.withResolvers<void>();
    const heard: unknown[] = [];
    class Busy extends SubscriberService {
      override onStart() {
        this.onTopic("hello", () => void heard.push("hello"));
        this.onTopic("work", async ({ n }) => {
          heard.push(n);
          await gate.promise;
        });
      }
    }
    await using busy = await startForTest(Busy, { ...listens, finish_sec });
    await waitFor("it to listen", async () => {
      await speaker.service.publishMessage("hello", {});
      return heard.length > 0;
    });
    for (const n of [1, 2, 3, 4]) await speaker.service.publishMessage("work", { n });
    await waitFor("the first", () => heard.includes(1));
    // What waits behind it cannot be seen from here.
    await Bun.sleep(300);
    const stopped = busy.stop();
    if (lost === 0) gate.resolve();
    expect(await stopped).toMatchObject({ code: 0, phase: "stopped" });
    gate.resolve();
    await Bun.sleep(50);
    expect(heard.filter((n) => n !== "hello")).toEqual([1, 2, 3, 4].slice(0, handled));
    expect(busy.service.messageCounts.lost).toBe(lost);
    const told = busy.logs.some(({ message }) => message.includes(`${lost} messages not handled before the stop`));
    expect(told).toBe(lost > 0);
  });
});

test("a heartbeat over ZeroMQ is exactly Experimance's: one frame, topic, blank, JSON of four fields", async () => {
  await using speaker = await startForTest(Speaker, {
    transport: "zmq",
    pub_address: "tcp://127.0.0.1:*",
    heartbeat_interval: 0.05,
  });
  await using sub = new Subscriber({ subscribe: [""] });
  sub.connect(speaker.service.addresses.pub?.[0] ?? "");
  const frames = await sub.receive({ timeoutMs: 10_000 });
  expect(frames).toHaveLength(1);
  const text = String(frames[0]);
  expect(text).toMatch(
    /^speaker\.heartbeat \{"type":"Heartbeat","timestamp":\d+(\.\d+)?,"service":"speaker","state":"running"\}$/,
  );
  const { timestamp } = JSON.parse(text.slice(text.indexOf(" ")));
  expect(Math.abs(timestamp - Date.now() / 1000)).toBeLessThan(60);
});

test("over NATS topics are subjects, with a prefix if there is one; heartbeats are in an envelope", async () => {
  await using broker = await brokerForServices();
  const bare = await connect({ servers: broker.url });
  const seen: [string, unknown][] = [];
  const subscription = bare.subscribe("night.>", {
    callback: (_, message) => seen.push([message.subject, message.json<{ data: unknown }>().data]),
  });
  await bare.flush();
  await using speaker = await startForTest(Speaker, {
    pub_address: "night",
    heartbeat_topic: "speaker.lives",
    heartbeat_interval: 0.05,
  });
  await waitFor("a heartbeat", () => seen.length > 0);
  expect(seen[0]).toEqual([
    "night.speaker.lives",
    { type: "Heartbeat", timestamp: expect.any(Number), service: "speaker", state: "running" },
  ]);
  await using listener = await startForTest(Listener, { sub_address: "night", topics: ["wind.*"] });
  await waitFor("the message", async () => {
    await speaker.service.publishMessage("wind.north", { speed: 3 });
    return listener.service.heard.length > 0;
  });
  expect(listener.service.heard[0]).toEqual(["wind.north", { speed: 3 }]);
  subscription.unsubscribe();
  await bare.close();
});

test("one heartbeat is sent at once when the service runs, and none with heartbeat_interval 0", async () => {
  await using broker = await brokerForServices();
  const bare = await connect({ servers: broker.url });
  const seen: string[] = [];
  bare.subscribe(">", { callback: (_, { subject }) => void (subject.endsWith(".heartbeat") && seen.push(subject)) });
  await bare.flush();
  await using _hourly = await startForTest(Controller, {
    push_address: "t",
    pull_address: "r",
    heartbeat_interval: 3600,
  });
  await waitFor("its heartbeat", () => seen.length > 0);
  await using named = await startForTest(Speaker, { variant: "north", heartbeat_interval: 3600 });
  await waitFor("the heartbeat of the other", () => seen.length > 1);
  expect(named.service.messageCounts.sent).toBe(0);
  await using mute = await startForTest(Speaker, { heartbeat_interval: 0 });
  await mute.service.publishMessage("last.heartbeat", {});
  await waitFor("the last", () => seen.includes("last.heartbeat"));
  expect(seen).toEqual(["controller.heartbeat", "speaker.north.heartbeat", "last.heartbeat"]);
  await bare.close();
});

test("over ZeroMQ a topic told in onStart needs a sub_address, and that is said", async () => {
  class Told extends SubscriberService {
    override onStart() {
      this.onTopic("state", () => undefined);
    }
  }
  await expect(startForTest(Told, { transport: "zmq" })).rejects.toThrow(
    "sub_address is missing: expected an address, as tcp://127.0.0.1:5555",
  );
});

test("a service that fails to start leaves no address taken", async () => {
  const address = `tcp://127.0.0.1:${await freePort()}`;
  const row = { transport: "zmq", pub_address: address, push_address: address, pull_address: "tcp://127.0.0.1:*" };
  await expect(startForTest(Controller, row)).rejects.toThrow("in use");
  await using next = new Publisher();
  expect(await next.bind(address)).toBe(address);
});

test("a worker without topics needs no sub_address", async () => {
  const addresses = { pull_address: "tcp://127.0.0.1:1", push_address: "tcp://127.0.0.1:1" };
  await using worker = await startForTest(Worker, { transport: "zmq", ...addresses });
  await worker.logged("it subscribes to nothing");
  expect(worker.status).toBe("ok");
});

test("over NATS messages of all topics come one at a time, in the order in which they were published", async () => {
  await using broker = await brokerForServices();
  const begun: string[] = [];
  let atATime = 0;
  let most = 0;
  class Slow extends SubscriberService {
    override onStart() {
      for (const topic of ["a", "b", "c.>"]) this.onTopic(topic, (_, got) => this.#hear(got));
    }
    async #hear(topic: string) {
      begun.push(topic);
      atATime += 1;
      most = Math.max(most, atATime);
      await Bun.sleep(2);
      atATime -= 1;
    }
  }
  await using slow = await startForTest(Slow);
  await isListening(slow.service);
  await using speaker = await startForTest(Speaker, { heartbeat_interval: 0 });
  const topics = ["a", "a", "b", "c.x", "a", "b", "b", "c.y", "a"];
  const bare = await connect({ servers: broker.url });
  bare.publish("a", "rubbish");
  await bare.flush();
  for (const topic of topics) await speaker.service.publishMessage(topic, {});
  await waitFor("all of them", () => begun.length === topics.length);
  expect(begun).toEqual(topics);
  expect(most).toBe(1);
  await bare.close();
});

test("a subscriber that is too slow loses the oldest, counts each, and does not fill the log with it", async () => {
  await using _broker = await brokerForServices();
  const gate = Promise.withResolvers<void>();
  const heard: unknown[] = [];
  class Stuck extends SubscriberService {
    override async handleMessage(_: string, { number }: { number?: unknown }) {
      await gate.promise;
      heard.push(number);
    }
  }
  await using stuck = await startForTest(Stuck, { topics: ["a"] });
  await isListening(stuck.service);
  await using speaker = await startForTest(Speaker, { heartbeat_interval: 0 });
  for (let number = 0; number < 1_500; number++) await speaker.service.publishMessage("a", { number });
  await waitFor("the loss", () => stuck.service.messageCounts.lost === 499);
  gate.resolve();
  await waitFor("the rest", () => heard.at(-1) === 1_499);
  // One was being handled, and a thousand waited.
  expect(heard).toHaveLength(1_001);
  expect(stuck.logs.filter(({ level }) => level === "warning").length).toBeLessThan(100);
});

test("a handler that throws at every message does not fill the log with it", async () => {
  await using _broker = await brokerForServices();
  class Broken extends SubscriberService {
    override handleMessage() {
      throw new Error("it fails");
    }
  }
  await using broken = await startForTest(Broken, { topics: ["a"] });
  await isListening(broken.service);
  await using speaker = await startForTest(Speaker, { heartbeat_interval: 0 });
  const failed = () => broken.service.messageCounts.failed;
  for (let number = 0; number < 500; number++) await speaker.service.publishMessage("a", { number });
  await waitFor("all of them", () => failed() === 500);
  await waitFor("the count of those that were not told", async () => {
    await speaker.service.publishMessage("a", {});
    return broken.logs.some(({ message }) => /^handling a: it fails \(\d+ more were not told\)$/.test(message));
  });
  expect(broken.logs.filter(({ level }) => level === "error").length).toBeLessThan(100);
});

async function isListening({ messenger }: SubscriberService): Promise<void> {
  await messenger.connected(10_000);
  await messenger.connection?.flush();
}
