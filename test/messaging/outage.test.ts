// What becomes of events and heartbeats when the broker goes away and comes back.
import { expect, test } from "bun:test";
import { TurningTime } from "../../src/common/turning-time.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { waitFor, within } from "../support/wait.ts";
import { logbook, messengerTo, settings, stored } from "./support.ts";

const numbers = (messages: { data: Record<string, unknown> }[]) => messages.map((message) => message.data.n);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test("events during an outage arrive once, in order, with the data they had when they happened", async () => {
  await using broker = await startNats();
  await using messenger = messengerTo(broker.url);
  await messenger.open();
  for (const n of range(0, 50)) messenger.event("svc.status.a.b", { n });
  await broker.kill();
  const changing = { n: 50, timestamp: [1, 2, 3] };
  messenger.event("svc.status.a.b", changing);
  changing.timestamp.push(4);
  await waitFor("the outage to be noticed", () => messenger.state === "disconnected");
  for (const n of range(51, 100)) messenger.event("svc.status.a.b", { n });
  await broker.start();
  expect(await messenger.flush(20_000)).toBe(true);
  const arrived = await stored(broker.url, "svc_status");
  expect(numbers(arrived)).toEqual(range(0, 100));
  expect(arrived[50]?.data.timestamp).toEqual([1, 2, 3]);
  expect(messenger.counters).toEqual({ sent: 100, dropped: 0, buffered: 0 });
});

test("nothing is lost or doubled when the broker is killed again and again in a stream of events", async () => {
  await using broker = await startNats();
  await using messenger = messengerTo(broker.url);
  await messenger.open();
  let n = 0;
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 500; i++) messenger.event("svc.registry.start.a.b", { n: n++ });
    // Somewhere in the middle of the sending, a little later each time.
    await waitFor("some to be acknowledged", () => messenger.counters.buffered < 500 - round * 100);
    await broker.kill();
    await broker.start();
    await waitFor("the connection", () => messenger.state === "connected");
  }
  expect(await messenger.flush(20_000)).toBe(true);
  const all = numbers(await stored(broker.url, "svc_registry"));
  // The stream keeps the last 100 of a subject.
  expect(all).toEqual(range(n - 100, n));
});

test("a restarted local broker is found again in less than a second", async () => {
  await using broker = await startNats();
  await using messenger = messengerTo(broker.url);
  await messenger.open();
  await broker.kill();
  await waitFor("the outage to be noticed", () => messenger.state === "disconnected");
  await Bun.sleep(1_500);
  await broker.start();
  using turning = new TurningTime();
  await waitFor("the connection", () => messenger.state === "connected");
  expect(turning.ms).toBeLessThan(1_000);
});

test("a broker absent at the start is connected to when it comes, by host name too", async () => {
  const port = await freePort();
  const { logger } = logbook();
  await using messenger = messengerTo("", { settings: settings(`nats://localhost:${port}`), logger });
  await within("open() with no broker", messenger.open(), 3_000);
  expect(messenger.state).toBe("connecting");
  expect(messenger.unreachable().message).toContain(`localhost:${port}`);
  messenger.event("svc.status.a.b", { n: 1 });
  expect(messenger.counters.buffered).toBe(1);
  await using broker = await startNats({ port });
  expect(await messenger.flush(20_000)).toBe(true);
  expect(numbers(await stored(broker.url, "svc_status"))).toEqual([1]);
});

test("after a restart the connection is found again when the host is a name", async () => {
  await using broker = await startNats();
  await using messenger = messengerTo("", { settings: settings(`nats://localhost:${broker.port}`) });
  await messenger.open();
  await broker.kill();
  await waitFor("the outage to be noticed", () => messenger.state === "disconnected");
  messenger.event("svc.status.a.b", { n: 1 });
  await broker.start();
  expect(await messenger.flush(20_000)).toBe(true);
});

test("the buffer is bounded: the oldest go, it is said once, and the rest arrives in order", async () => {
  await using broker = await startNats();
  const { logger, lines } = logbook();
  await using messenger = messengerTo(broker.url, { limits: { maxMessages: 20 }, logger });
  await messenger.open();
  await broker.kill();
  await waitFor("the outage to be noticed", () => messenger.state === "disconnected");
  for (const n of range(0, 50)) messenger.event("svc.status.a.b", { n });
  expect(messenger.counters).toMatchObject({ buffered: 20, dropped: 30 });
  expect(lines.filter((line) => line.includes("buffer"))).toHaveLength(1);
  await broker.start();
  expect(await messenger.flush(20_000)).toBe(true);
  expect(numbers(await stored(broker.url, "svc_status"))).toEqual(range(30, 50));
});

test("with several servers, one that was down at the start is used when the other goes", async () => {
  await using first = await startNats();
  await using second = await startNats();
  await first.kill();
  await using messenger = messengerTo("", { settings: settings("", { servers: [first.url, second.url] }) });
  await messenger.open();
  expect(messenger.state).toBe("connected");
  await first.start();
  await second.kill();
  messenger.event("svc.status.a.b", { n: 1 });
  expect(await messenger.flush(20_000)).toBe(true);
  expect(numbers(await stored(first.url, "svc_status"))).toEqual([1]);
});
