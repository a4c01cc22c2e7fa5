// What a program gives to a messenger that it cannot use: said at once, in one line; never sent, never the end of a service.
import { expect, test } from "bun:test";
import { jsonSchema, Messenger, MessengerOptionError, NotSentError } from "../../src/messenger/index.ts";
import { within } from "../support/wait.ts";
import { allOf, openBench } from "./support.ts";

/** As a program in JavaScript has it. */
const untyped = (value: unknown) => value as never;
const nowhere = () => new Messenger({ url: "nats://127.0.0.1:1", log: () => undefined });

test.each(["", " ", "a b", "a..b", ".a", "a.", "a*", "a.>.b", "a\r\nPUB b 0\r\n", undefined, 5, null, {}])(
  "%p is no subject, for nobody",
  async (subject) => {
    await using messenger = nowhere();
    const wrong = untyped(subject);
    expect(() => messenger.getPublisher(wrong)).toThrow(NotSentError);
    expect(() => messenger.getReader(wrong)).toThrow(MessengerOptionError);
    expect(() => messenger.getCallbackSubscriber(wrong)).toThrow(MessengerOptionError);
    expect(() => messenger.getCoreSubscriber(wrong)).toThrow(/ is no subject to hear: [^\n]*$/);
    expect(() => messenger.getRpcResponder(wrong)).toThrow(/ is no subject to answer: [^\n]*$/);
    await expect(messenger.request(wrong)).rejects.toThrow(MessengerOptionError);
    if (typeof subject !== "string" || subject === "") return;
    expect(() => messenger.getCoreSubscriber("a", { queue: subject })).toThrow(MessengerOptionError);
    expect(() => messenger.getRpcResponder("a", { queue: subject })).toThrow(MessengerOptionError);
  },
);

test.each<[(messenger: Messenger) => unknown, string]>([
  [
    (m) => m.getReader("a", { deliverPolicy: untyped("lsat") }),
    'a: deliverPolicy is "lsat", expected all, last, new, ',
  ],
  [(m) => m.getReader("a", { startTime: untyped("yesterday") }), "a: startTime is no valid Date"],
  [(m) => m.getReader("a", { startTime: new Date("never") }), "a: startTime is no valid Date"],
  [(m) => m.getReader("a", { schema: untyped({ type: "object" }) }), "a: schema is none of zod's"],
  [(m) => m.getPublisher("a", { schema: untyped({}) }), "a: schema is none of zod's"],
  [(m) => m.getReader("a").next(Number.NaN), "a: the limit is NaN, expected a number from 0 on"],
  [(m) => m.singleRead("a", { timeoutMs: -1 }), "a: the limit is -1, expected"],
  [(m) => m.request("a", {}, { timeoutMs: untyped("5") }), 'a: timeoutMs is "5", expected'],
  [(m) => m.connected(-1), "the time to wait for the broker is -1"],
  [(m) => m.getLiveDocument("a").ready(Number.NaN), "a: timeoutMs is NaN"],
  [(m) => m.getCallbackSubscriber("a", {}, untyped("x")), 'a: the callback is no function: "x"'],
  [(m) => m.getCoreSubscriber("a", {}, untyped(5)), "a: the callback is no function: 5"],
  [(m) => m.getRpcResponder("a", {}, untyped({})), "a: the callback is no function: an object"],
  [(m) => m.getCoreSubscriber("a", { maxWaiting: 0 }), "a: maxWaiting is 0, expected a number from 1 on"],
  [(m) => m.getRpcResponder("a", { maxPending: -1 }), "a: maxPending is -1, expected a number from 1 on"],
  [(m) => m.getJournalPublisher("a").log(untyped("loud"), "x"), 'a: the level is "loud", expected debug, info, '],
  [(m) => m.getProgressPublisher("a").addTask("x", { total: Number.NaN }), "a: total is NaN, expected"],
  [(m) => m.getProgressPublisher("a").addTask("x", { total: -1 }), "a: total is -1, expected"],
  [
    (m) => m.getProgressPublisher("a").addTask("x", { completed: untyped("5") }),
    'a: completed is "5", expected a number',
  ],
  [
    (m) => {
      const progress = m.getProgressPublisher("a");
      progress.advance(progress.addTask("x"), Number.NaN);
    },
    "a: completed is NaN, expected a number",
  ],
  [() => new Messenger({ url: untyped(5) }), "url is 5, expected a text"],
  [() => new Messenger({ url: "http://me:secret@x" }), 'url is "http://…@x", expected host, host:port, nats://'],
  [() => new Messenger({ buffer: { maxMessages: 0 } }), "buffer.maxMessages is 0, expected a number from 1 on"],
  [() => new Messenger({ buffer: { maxBytes: Number.NaN } }), "buffer.maxBytes is NaN"],
  [() => new Messenger({ buffer: { whenFull: untyped("drop") } }), 'buffer.whenFull is "drop", expected drop-oldest, '],
])("%s is refused: %s", async (use, words) => {
  await using messenger = nowhere();
  const used = (async () => await use(messenger))();
  await expect(used).rejects.toThrow(MessengerOptionError);
  await expect(used).rejects.toThrow(words);
});

test.each([[null], [5], ["text"], [[1]], [new Date()], [() => 1], [{ n: 1n }]])(
  "%p is not published: no reader could read it",
  async (data) => {
    await using messenger = nowhere();
    await expect(messenger.singlePublish("a", untyped(data))).rejects.toThrow(/^a: the data is no JSON/);
  },
);

test("a meta that no reader could read is not published", async () => {
  await using messenger = nowhere();
  const sent = messenger.singlePublish("a", {}, untyped({ tags: "urgent" }));
  await expect(sent).rejects.toThrow("a: no reader could read it: meta.tags is no list of strings");
});

test("the longest times are no time-outs at once", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  for (const limit of [1e12, Number.POSITIVE_INFINITY]) {
    await messenger.connected(limit);
    const first = messenger.getReader(`night.${limit}`).next(limit);
    const document = messenger.getLiveDocument(`night.${limit}`).ready(limit);
    await messenger.singlePublish(`night.${limit}`, { limit: String(limit) });
    expect((await within("the message", first))?.data).toEqual({ limit: String(limit) });
    expect(await within("the document", document)).toEqual({ limit: String(limit) });
  }
});

test("a JSON schema that is none is told as that", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  await messenger.singlePublish("night.a", {});
  const faults: string[] = [];
  const onError = ({ kind, message }: { kind: string; message: string }) => void faults.push(`${kind}: ${message}`);
  await allOf(messenger.getReader("night.a", { schema: jsonSchema({ type: "wrong" }), nowait: true, onError }));
  expect(faults).toEqual(["schema: the JSON schema cannot be used: Unsupported type: wrong"]);
});

test("what is too large is said to be, by both numbers; an answer too", async () => {
  await using bench = await openBench();
  const messenger = bench.messenger();
  await messenger.connected(10_000);
  const large = { text: "x".repeat((messenger.connection?.info?.max_payload ?? 0) + 1) };
  const words = /too large: \d+ bytes, the broker takes \d+$/;
  await expect(messenger.singlePublish("night.a", large)).rejects.toThrow(words);
  await expect(messenger.getCorePublisher("night.a").publish(large)).rejects.toThrow(words);
  await expect(messenger.request("calc.a", large)).rejects.toThrow(words);
  messenger.getRpcResponder("calc.a", {}, () => large);
  expect((await messenger.request("calc.a")).error).toMatch(words);
});

test("what is closed takes no callback", async () => {
  await using messenger = nowhere();
  const [core, subscriber, responder] = [
    messenger.getCoreSubscriber("a"),
    messenger.getCallbackSubscriber("a"),
    messenger.getRpcResponder("a"),
  ];
  await Promise.all([core.close(), subscriber.close(), responder.close()]);
  expect(() => core.subscribe(() => undefined)).toThrow("a: the subscriber is closed");
  expect(() => subscriber.subscribe(() => undefined)).toThrow("a: the subscriber is closed");
  expect(() => responder.registerFunction(() => undefined)).toThrow("a: the responder is closed");
  const publisher = messenger.getCorePublisher("a");
  await messenger.close();
  await expect(publisher.publish({})).rejects.toThrow("a: the messenger is closed");
});
