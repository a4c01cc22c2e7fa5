// Log lines on their way to the launcher.
import { expect, test } from "bun:test";
import { LogChannel } from "../../src/host/log-channel.ts";
import type { FromHost } from "../../src/host/protocol.ts";
import { waitFor } from "../support/wait.ts";

type Sent = Extract<FromHost, { kind: "log" }>;

function open() {
  const sent: Sent[] = [];
  const channel = new LogChannel((message) => sent.push(message));
  const say = (message: string, source = "dome.main") => channel.log({ time: 0, level: "info", source, message });
  return { sent, channel, say, messages: () => sent.flatMap(({ records }) => records.map(({ message }) => message)) };
}

test("a few lines are sent at once, each for itself: a crash right after loses none", () => {
  const { say, sent } = open();
  for (let n = 0; n < 10; n++) say(`${n}`);
  expect(sent.map(({ records }) => records.length)).toEqual(Array(10).fill(1));
});

test("many lines are sent in batches, in order, the rest soon", async () => {
  const { say, sent, messages } = open();
  for (let n = 0; n < 10_000; n++) say(`${n}`);
  expect(sent.length).toBeLessThan(200);
  await waitFor("the rest", () => messages().length === 10_000);
  expect(messages()).toEqual(Array.from({ length: 10_000 }, (_, n) => `${n}`));
});

test("what waits is sent before anything else is told", () => {
  const { say, channel, messages } = open();
  for (let n = 0; n < 100; n++) say(`${n}`);
  expect(messages().length).toBeLessThan(100);
  channel.flush();
  expect(messages().length).toBe(100);
});

test("what the launcher does not take is dropped, and counted for each service when it takes again", () => {
  const { say, channel, sent, messages } = open();
  for (let n = 0; n < 300; n++) say("x".repeat(100_000), n % 3 === 0 ? "cam.main" : "dome.main");
  channel.flush();
  const count = messages().length;
  expect(count).toBeLessThan(250);
  channel.heard(sent.reduce((sum, { size = 0 }) => sum + size, 0));
  channel.flush();
  const counts = sent.flatMap(({ records }) => records).slice(count);
  expect(counts.map(({ source }) => source).toSorted()).toEqual(["cam.main", "dome.main"]);
  const dropped = counts.map(({ message }) => Number(/^(\d+) lines dropped: more than/.exec(message)?.[1]));
  expect(dropped.reduce((sum, n) => sum + n, count)).toBe(300);
});

test("a message of 5 MB does not travel whole", () => {
  const { say, messages } = open();
  say("x".repeat(5 * 2 ** 20));
  expect(messages()[0]?.length).toBeLessThan(100_000);
  expect(messages()[0]).toEndWith("… [5242880 characters]");
});
