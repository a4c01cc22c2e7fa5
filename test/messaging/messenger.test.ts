import { expect, test } from "bun:test";
import { connect } from "nats";
import { ensureStreams } from "../../src/broker/streams.ts";
import { BrokerUnreachableError } from "../../src/common/errors.ts";
import { TurningTime } from "../../src/common/turning-time.ts";
import { resolveNats } from "../../src/config/nats.ts";
import { askJetStream, Messenger } from "../../src/messaging/index.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { waitFor, within } from "../support/wait.ts";
import { logbook, messengerTo, settings, stored } from "./support.ts";

test("a required broker that is absent is waited for, and that is said", async () => {
  const port = await freePort();
  const { logger, lines } = logbook();
  await using messenger = messengerTo("", {
    settings: settings(`nats://127.0.0.1:${port}`, { required: true, origin: "services.yaml" }),
    logger,
  });
  const said = Promise.withResolvers<string>();
  const opened = messenger.open({ onWaiting: said.resolve });
  expect(await within("the word about waiting", said.promise)).toContain(
    `nats://127.0.0.1:${port} (address from: services.yaml)`,
  );
  expect(lines.some((line) => line.includes("waiting for it"))).toBe(true);
  await using broker = await startNats({ port });
  await within("open()", opened);
  expect(messenger.state).toBe("connected");
  expect(broker.port).toBe(port);
});

test("a required broker that does not come in time is an error that says where it was looked for", async () => {
  const port = await freePort();
  await using messenger = messengerTo("", {
    settings: settings(`nats://me:secret@127.0.0.1:${port}`, { required: true }),
  });
  const error = await messenger.open({ timeoutMs: 300 }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(BrokerUnreachableError);
  expect(String(error)).toContain(`127.0.0.1:${port}`);
  expect(String(error)).not.toContain("secret");
});

test("waiting for a required broker ends when the messenger is closed", async () => {
  const url = `nats://127.0.0.1:${await freePort()}`;
  const messenger = messengerTo("", { settings: settings(url, { required: true }) });
  const waiting = Promise.withResolvers<string>();
  const opened = messenger.open({ onWaiting: waiting.resolve });
  await waiting.promise;
  await messenger.close();
  await expect(within("open()", opened)).rejects.toBeInstanceOf(BrokerUnreachableError);
});

test("a refused first attempt is known at once, not after a time-out", async () => {
  const port = await freePort();
  await using messenger = messengerTo(`nats://127.0.0.1:${port}`);
  using turning = new TurningTime();
  await messenger.open();
  expect(turning.ms).toBeLessThan(500);
  expect(messenger.state).toBe("connecting");
});

test("a port where something else answers is no broker, and open() does not hang on it", async () => {
  using other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  await using messenger = messengerTo(`nats://127.0.0.1:${other.port}`);
  await within("open()", messenger.open(), 6_000);
  expect(messenger.state).toBe("connecting");
  expect(messenger.unreachable().message).not.toContain("\n");
});

test("event() and beat() never throw: before open, after close, or with data that is no JSON", async () => {
  await using broker = await startNats();
  const { logger, lines } = logbook();
  await using messenger = messengerTo(broker.url, { logger });
  messenger.beat("svc.heartbeat.a", {});
  messenger.event("svc.status.a", { n: 1 });
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  // Not JSON on purpose: what an unchecked caller might do.
  messenger.event("svc.status.a", cycle as never);
  messenger.beat("svc.heartbeat.a", { big: 1n } as never);
  await messenger.open();
  messenger.beat("svc.heartbeat.a", { big: 1n } as never);
  await messenger.close();
  messenger.event("svc.status.a", { n: 2 });
  messenger.beat("svc.heartbeat.a", {});
  expect((await stored(broker.url, "svc_status")).map((message) => message.data.n)).toEqual([1]);
  expect(messenger.counters).toMatchObject({ sent: 1, buffered: 0 });
  expect(lines.filter((line) => line.includes("no JSON")).length).toBeGreaterThan(0);
});

test("an event too large for the broker is given up with a word; those after it arrive", async () => {
  await using broker = await startNats();
  const { logger, lines } = logbook();
  await using messenger = messengerTo(broker.url, { logger });
  await messenger.open();
  messenger.event("svc.status.a", { text: "x".repeat(2 ** 20) });
  messenger.event("svc.status.a", { text: "x".repeat(2 ** 20 - 1_000), n: 2 });
  messenger.event("svc.status.a", { n: 3 });
  expect(await messenger.flush(10_000)).toBe(true);
  expect((await stored(broker.url, "svc_status")).map((message) => message.data.n)).toEqual([2, 3]);
  expect(messenger.counters).toMatchObject({ sent: 2, dropped: 1 });
  expect(lines.filter((line) => line.includes("given up"))).toHaveLength(1);
});

test("a stream deleted under us is made again, and no event is lost", async () => {
  await using broker = await startNats();
  await using messenger = messengerTo(broker.url);
  await messenger.open();
  messenger.event("svc.status.a", { n: 1 });
  expect(await messenger.flush(10_000)).toBe(true);
  const operator = await connect({ servers: broker.url });
  expect((await askJetStream(operator, "STREAM.DELETE.svc_status")).ok).toBe(true);
  await operator.close();
  for (let n = 2; n < 300; n++) messenger.event("svc.status.a", { n });
  expect(await messenger.flush(10_000)).toBe(true);
  const numbers = (await stored(broker.url, "svc_status")).map((message) => message.data.n);
  expect(numbers).toEqual(Array.from({ length: 298 }, (_, i) => i + 2));
  expect(messenger.counters.dropped).toBe(0);
});

test("a subject that nothing stores is given up with one warning, after looking after the streams once", async () => {
  await using broker = await startNats();
  const { logger, lines } = logbook();
  let prepared = 0;
  await using messenger = messengerTo(broker.url, {
    logger,
    prepare: async (connection) => {
      prepared += 1;
      await ensureStreams(connection);
    },
  });
  await messenger.open();
  for (let n = 0; n < 1_000; n++) messenger.event("elsewhere.a", { n });
  expect(await messenger.flush(10_000)).toBe(true);
  expect(prepared).toBe(2);
  expect(messenger.counters).toEqual({ sent: 0, dropped: 1_000, buffered: 0 });
  expect(lines.filter((line) => line.includes("no stream stores elsewhere.a"))).toHaveLength(1);
});

test("many subjects that nothing stores are found out together, and do not hold up one that is stored", async () => {
  await using broker = await startNats();
  const { logger, lines } = logbook();
  await using messenger = messengerTo(broker.url, { logger });
  await messenger.open();
  for (let n = 0; n < 200; n++) messenger.event(`elsewhere.n${n}`, { n });
  messenger.event("svc.status.a", { n: 1 });
  const start = performance.now();
  expect(await messenger.flush(20_000)).toBe(true);
  expect(performance.now() - start).toBeLessThan(5_000);
  expect(messenger.counters).toEqual({ sent: 1, dropped: 200, buffered: 0 });
  expect(lines.filter((line) => line.includes("no stream stores"))).toHaveLength(1);
});

test("without JetStream live listeners still get every event, in order, and the messenger says so once", async () => {
  await using broker = await startNats({ jetstream: false });
  const { logger, lines } = logbook();
  await using messenger = messengerTo(broker.url, { logger });
  const listener = await connect({ servers: broker.url });
  const heard = new Set<string>();
  listener.subscribe("svc.status.a", {
    callback: (_, message) => heard.add(message.headers?.get("Nats-Msg-Id") ?? ""),
  });
  await listener.flush();
  await messenger.open();
  for (let n = 0; n < 100; n++) messenger.event("svc.status.a", { n });
  expect(await messenger.flush(10_000)).toBe(true);
  expect(heard.size).toBe(100);
  for (let n = 100; n < 200; n++) messenger.event("svc.status.a", { n });
  // Once it is known that nothing stores them, they no longer wait for an acknowledgement.
  expect(messenger.counters).toEqual({ sent: 0, dropped: 200, buffered: 0 });
  await messenger.ping();
  await listener.flush();
  expect(heard.size).toBe(200);
  expect(lines.filter((line) => line.startsWith("warning"))).toHaveLength(1);
  await listener.close();
});

test("a stream deleted under us is made again even if a live listener hides its absence", async () => {
  await using broker = await startNats();
  await using messenger = messengerTo(broker.url);
  await messenger.open();
  const operator = await connect({ servers: broker.url });
  operator.subscribe("svc.>", { callback: () => undefined });
  expect((await askJetStream(operator, "STREAM.DELETE.svc_status")).ok).toBe(true);
  messenger.event("svc.status.a", { n: 1 });
  expect(await messenger.flush(10_000)).toBe(true);
  expect(await stored(broker.url, "svc_status")).toHaveLength(1);
  await operator.close();
});

test("events that may not be published do not hold up the others", async () => {
  const config = `
    authorization { users = [
      { user: all, password: all }
      { user: me, password: me, permissions: { publish: { deny: "svc.status.forbidden" } } }
    ] }`;
  await using broker = await startNats({ config });
  const { logger, lines } = logbook();
  await using messenger = messengerTo("", { settings: settings(broker.url, { user: "me", password: "me" }), logger });
  await messenger.open();
  for (let n = 0; n < 600; n++) messenger.event("svc.status.forbidden", { n });
  messenger.event("svc.status.a", { n: 1 });
  expect(await messenger.flush(10_000)).toBe(true);
  expect(messenger.counters).toEqual({ sent: 1, dropped: 600, buffered: 0 });
  expect(lines.filter((line) => line.includes('does not let the user "me" publish'))).toHaveLength(1);
});

test("a wrong password is said, and tried again until it is right", async () => {
  const { logger } = logbook();
  await using broker = await startNats({ config: "authorization { user: me, password: right }" });
  await using messenger = messengerTo("", {
    settings: settings(broker.url, { user: "me", password: "wrong" }),
    logger,
  });
  await within("open()", messenger.open());
  expect(messenger.state).toBe("connecting");
  expect(messenger.unreachable().message).toContain("it refuses these credentials");
});

test("what waits behind events that are discarded is sent", async () => {
  await using broker = await startNats();
  await using messenger = messengerTo(broker.url);
  await messenger.open();
  // As many as may be on their way at a time, and some more.
  for (let n = 0; n < 100; n++) messenger.event("svc.status.unwanted", { n });
  for (let n = 0; n < 5; n++) messenger.event("svc.status.wanted", { n });
  messenger.discard((subject) => subject.endsWith(".unwanted"));
  expect(await messenger.flush(5_000)).toBe(true);
  expect(messenger.counters).toEqual({ sent: 5, dropped: 0, buffered: 0 });
});

test("streams count as looked after when that was done on the present connection, not on one that was lost", async () => {
  await using broker = await startNats();
  const looks: PromiseWithResolvers<void>[] = [];
  const prepare = () => {
    const look = Promise.withResolvers<void>();
    looks.push(look);
    return look.promise;
  };
  await using messenger = messengerTo(broker.url, { prepare });
  const opened = messenger.open();
  await waitFor("the first look", () => looks.length === 1);
  await broker.kill();
  await broker.start();
  await waitFor("the second look", () => looks.length === 2);
  looks[0]?.resolve();
  await new Promise(setImmediate);
  expect(messenger.isReady).toBe(false);
  looks[1]?.resolve();
  await within("open()", opened);
  expect(messenger.isReady).toBe(true);
});

test("user and password may stand in the address", async () => {
  await using broker = await startNats({ config: "authorization { user: me, password: right }" });
  const named = resolveNats({ env: { NATS_URL: broker.url.replace("//", "//me:right@") } });
  if (!named) throw new Error("no broker was named");
  expect(named.servers).toEqual([broker.url]);
  await using messenger = messengerTo("", { settings: named });
  await messenger.open();
  expect(messenger.state).toBe("connected");
});

test("two messengers of one process do not mix up their events or acknowledgements", async () => {
  await using broker = await startNats();
  await using a = messengerTo(broker.url);
  await using b = messengerTo(broker.url);
  await Promise.all([a.open(), b.open()]);
  expect(a.sender).not.toBe(b.sender);
  for (let n = 0; n < 200; n++) {
    a.event("svc.status.a", { n });
    b.event("svc.status.b", { n });
  }
  expect(await Promise.all([a.flush(10_000), b.flush(10_000)])).toEqual([true, true]);
  const all = await stored(broker.url, "svc_status");
  expect(new Set(all.map((message) => message.id)).size).toBe(400);
  for (const subject of ["svc.status.a", "svc.status.b"]) {
    const numbers = all.filter((message) => message.subject === subject).map((message) => message.data.n);
    expect(numbers).toEqual(Array.from({ length: 200 }, (_, i) => i));
  }
});

test("close() sends what is left", async () => {
  await using broker = await startNats();
  const messenger = messengerTo(broker.url);
  await messenger.open();
  for (let n = 0; n < 1_000; n++) messenger.event("svc.status.a", { n });
  await messenger.close();
  expect(messenger.state).toBe("closed");
  expect(await stored(broker.url, "svc_status")).toHaveLength(1_000);
});

test("close() with the broker away ends soon, and says what it leaves behind", async () => {
  await using broker = await startNats();
  const { logger, lines } = logbook();
  const messenger = messengerTo(broker.url, { logger });
  await messenger.open();
  await broker.kill();
  await waitFor("the outage to be noticed", () => messenger.state === "disconnected");
  messenger.event("svc.status.a", { n: 1 });
  await within("close()", messenger.close({ limitMs: 5_000 }), 2_000);
  expect(lines.some((line) => line.includes("1 report"))).toBe(true);
});

test("close() does not say what it leaves behind when asked to be quiet", async () => {
  const { logger, lines } = logbook();
  const messenger = messengerTo(`nats://127.0.0.1:${await freePort()}`, { logger });
  await messenger.open();
  messenger.event("svc.status.a", { n: 1 });
  await messenger.close({ quiet: true });
  expect(messenger.counters.buffered).toBe(1);
  expect(lines).toEqual([]);
});

test("close() before any broker was found ends soon; closing twice is the same closing", async () => {
  const messenger = messengerTo(`nats://127.0.0.1:${await freePort()}`);
  await messenger.open();
  await within("close()", Promise.all([messenger.close(), messenger.close()]), 2_000);
  expect(messenger.state).toBe("closed");
});

test("close() does not hang on a broker that is frozen", async () => {
  using frozen = await frozenBroker();
  const messenger = messengerTo(frozen.url);
  await messenger.open();
  frozen.freeze();
  messenger.event("svc.status.a", { n: 1 });
  await within("close()", messenger.close({ limitMs: 500 }), 3_000);
  expect(messenger.state).toBe("closed");
});

test("a messenger that was never opened closes too", async () => {
  const messenger = new Messenger({ settings: settings("nats://127.0.0.1:1"), name: "x" });
  messenger.event("svc.status.a", {});
  await within("close()", messenger.close(), 2_000);
  expect(messenger.state).toBe("closed");
});

test("state changes are told in order, to those who still listen; a listener that throws harms nobody", async () => {
  await using broker = await startNats();
  const messenger = messengerTo(broker.url);
  const states: string[] = [];
  messenger.onStateChange(() => {
    throw new Error("a bad listener");
  });
  messenger.onStateChange((state) => states.push(state));
  const stop = messenger.onStateChange(() => states.push("unheard"));
  stop();
  await messenger.open();
  await broker.kill();
  await waitFor("the outage to be noticed", () => messenger.state === "disconnected");
  await broker.start();
  await waitFor("the connection", () => messenger.state === "connected");
  await messenger.close();
  expect(states).toEqual(["connected", "disconnected", "connected", "closed"]);
});

test("messengers over a given connection leave nothing on it when they are closed", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const open = async () => {
    const messenger = messengerTo("", { connection });
    await messenger.open();
    return messenger;
  };
  // The client keeps everybody who listens to its state.
  const listeners = () => Reflect.get(connection, "listeners").length;
  const first = await open();
  const before = listeners();
  for (let n = 0; n < 5; n++) await (await open()).close();
  expect(listeners()).toBe(before);
  expect(connection.isClosed()).toBe(false);
  await broker.kill();
  await waitFor("the outage to be seen", () => first.state === "disconnected");
  await broker.start();
  await waitFor("the end of the outage to be seen", () => first.state === "connected");
  await connection.close();
  await waitFor("the end to be seen", () => first.state === "disconnected");
  await first.close();
});

test("a connection closed by someone else is replaced by a new one", async () => {
  await using broker = await startNats();
  await using messenger = messengerTo(broker.url);
  await messenger.open();
  const before = messenger.connection;
  await before?.close();
  messenger.event("svc.status.a", { n: 1 });
  expect(await messenger.flush(10_000)).toBe(true);
  expect(messenger.connection).not.toBe(before);
});

test("ping() measures the round trip, and fails clearly when the broker is away", async () => {
  await using broker = await startNats();
  await using messenger = messengerTo(broker.url);
  await messenger.open();
  expect(await messenger.ping()).toBeLessThan(1_000);
  await broker.kill();
  await expect(messenger.ping()).rejects.toBeInstanceOf(BrokerUnreachableError);
});

test("importing the messaging room does not load the nats client", async () => {
  const script = `await import(${JSON.stringify(`${import.meta.dir}/../../src/messaging/index.ts`)});
    console.log(Object.keys(require.cache).some((file) => file.includes("node_modules/nats/")));`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  expect((await child.stdout.text()).trim()).toBe("false");
});

/** A broker that can be stopped with SIGSTOP, so that its connections stay open and silent. */
async function frozenBroker(): Promise<Disposable & { url: string; freeze(): void }> {
  const { natsServerPath } = await import("../support/nats.ts");
  const port = await freePort();
  const child = Bun.spawn([natsServerPath(), "-a", "127.0.0.1", "-p", String(port)], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  const url = `nats://127.0.0.1:${port}`;
  await waitFor("the broker", async () => {
    const connection = await connect({ servers: url, reconnect: false });
    await connection.close();
    return true;
  });
  return {
    url,
    freeze: () => child.kill("SIGSTOP"),
    [Symbol.dispose]: () => child.kill("SIGKILL"),
  };
}
