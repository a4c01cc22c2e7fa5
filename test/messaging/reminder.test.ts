// What was said last is in the streams, whatever becomes of them.
import { expect, test } from "bun:test";
import { connect } from "nats";
import { encode, MetaSource } from "../../src/messaging/envelope.ts";
import { LastWords } from "../../src/messaging/last-words.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";
import { logbook, messengerTo, stored } from "./support.ts";

const SOON = { lookMs: 50 };

/** The last message of each subject of a stream, as `subject n`, in order of subject. */
async function held(url: string, stream: string): Promise<string[]> {
  const messages = await stored(url, stream).catch(() => []);
  const last = new Map(messages.map(({ subject, data }) => [subject.slice(4), data.n]));
  return Array.from(last, ([subject, n]) => `${subject} ${n}`).sort();
}

async function holds(url: string, stream: string, expected: string[]): Promise<void> {
  const what = `${stream} to hold ${expected.join(", ")}`;
  await waitFor(what, async () => (await held(url, stream)).join() === expected.join());
}

async function operator(url: string) {
  const connection = await connect({ servers: url });
  const { streams } = await connection.jetstreamManager();
  return { connection, streams, [Symbol.asyncDispose]: () => connection.close() };
}

test("a broker that comes back empty is told again what was last said on each subject", async () => {
  const port = await freePort();
  const { logger, lines } = logbook();
  await using messenger = messengerTo(`nats://127.0.0.1:${port}`, { logger });
  {
    await using broker = await startNats({ port });
    await messenger.open();
    for (const n of [1, 2]) messenger.event("svc.status.b", { n });
    for (const event of ["declared", "start"]) messenger.event(`svc.registry.${event}.a`, { n: 1 });
    expect(await messenger.flush(10_000)).toBe(true);
    await broker.kill();
  }
  messenger.event("svc.registry.crashed.a", { n: 3 });
  messenger.event("svc.registry.declared.a", { n: 3 });
  await using broker = await startNats({ port });
  await holds(broker.url, "svc_status", ["status.b 2"]);
  // What was said while it was away is later than what was said before, and replaces it.
  await holds(broker.url, "svc_registry", ["registry.crashed.a 3", "registry.declared.a 3", "registry.start.a 1"]);
  expect(lines).toContain("info: svc_status had lost 1 report: said again");
});

test("a stream that is deleted, or emptied, gets the last words back without anything new to be said", async () => {
  await using broker = await startNats();
  await using messenger = messengerTo(broker.url, SOON);
  await messenger.open();
  for (const name of ["a", "b"]) messenger.event(`svc.status.${name}`, { n: 1 });
  expect(await messenger.flush(10_000)).toBe(true);
  await using nats = await operator(broker.url);
  await nats.streams.delete("svc_status");
  await holds(broker.url, "svc_status", ["status.a 1", "status.b 1"]);
  await nats.streams.purge("svc_status");
  messenger.event("svc.status.a", { n: 2 });
  await holds(broker.url, "svc_status", ["status.a 2", "status.b 1"]);
});

test("a stream of heartbeats that is deleted is made again", async () => {
  await using broker = await startNats();
  await using messenger = messengerTo(broker.url, SOON);
  await messenger.open();
  messenger.beat("svc.heartbeat.a", { n: 1 });
  await using nats = await operator(broker.url);
  await waitFor("the first", async () => (await held(broker.url, "svc_heartbeat")).length === 1);
  await nats.streams.delete("svc_heartbeat");
  await waitFor(
    "the stream",
    async () => (await nats.streams.info("svc_heartbeat").catch(() => undefined)) !== undefined,
  );
});

test("what another has said since stays the last word; what it said before does not", async () => {
  await using broker = await startNats();
  await using nats = await operator(broker.url);
  const another = new MetaSource();
  const earlier = encode({ data: { n: 0 }, meta: another.next() });
  await Bun.sleep(2);
  const { logger, lines } = logbook();
  await using messenger = messengerTo(broker.url, { ...SOON, logger });
  await messenger.open();
  for (const name of ["a", "b", "c"]) messenger.event(`svc.status.${name}`, { n: 1 });
  expect(await messenger.flush(10_000)).toBe(true);
  await Bun.sleep(2);
  await nats.streams.purge("svc_status");
  const js = nats.connection.jetstream();
  // The messenger may be faster: then the other's word follows it, and is the last all the same.
  await js.publish("svc.status.a", encode({ data: { n: 9 }, meta: another.next() }));
  await js.publish("svc.status.b", earlier);
  await waitFor("all said", async () => lines.some((line) => line.includes("said again")));
  const last = new Map((await stored(broker.url, "svc_status")).map(({ subject, data }) => [subject, data.n]));
  expect(last.get("svc.status.a")).toBe(9);
  expect(last.get("svc.status.c")).toBe(1);
});

test("what others speak for now is not said again", async () => {
  await using broker = await startNats();
  await using messenger = messengerTo(broker.url, SOON);
  await messenger.open();
  for (const name of ["a", "b"]) messenger.event(`svc.status.${name}`, { n: 1 });
  expect(await messenger.flush(10_000)).toBe(true);
  messenger.discard((subject) => subject.endsWith(".a"));
  await using nats = await operator(broker.url);
  await nats.streams.purge("svc_status");
  await holds(broker.url, "svc_status", ["status.b 1"]);
});

test("what a full stream has pushed out is said again once an hour, not for ever", () => {
  const words = new LastWords();
  const bytes = new Uint8Array(1);
  words.keep("a", bytes, { stream: "s", seq: 1 });
  words.keep("b", bytes, { stream: "s", seq: 5 });
  const lost = (firstSeq: number, now: number) =>
    words.lost("s", { created: "then", firstSeq, lastSeq: 9 }, now).map(({ word }) => word.subject);
  words.looked("s", { created: "then", firstSeq: 1, lastSeq: 5 });
  expect(lost(1, 0)).toEqual([]);
  expect(lost(2, 0)).toEqual(["a"]);
  const [first] = words.lost("s", { created: "then", firstSeq: 2, lastSeq: 9 }, 0);
  if (first) words.move(first.word, { stream: "s", seq: 6 }, 0);
  expect(lost(7, 60_000)).toEqual(["b"]);
  expect(lost(7, 3_700_000)).toEqual(["b", "a"]);
  expect(words.lost("s", { created: "now", firstSeq: 1, lastSeq: 9 }, 0)).toHaveLength(2);
  expect(words.lost("s", undefined, 0)).toHaveLength(2);
});
