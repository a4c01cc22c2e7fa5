// Requests and replies on the wire: as the Python framework sends them, as nobody should, and through an outage.
import { describe, expect, test } from "bun:test";
import { connect, type NatsConnection } from "nats";
import type { JsonObject } from "../../src/common/json.ts";
import {
  askRpc,
  MetaSource,
  RpcNoResponderError,
  RpcRefusedError,
  RpcServer,
  RpcTimeoutError,
  Subjects,
} from "../../src/messaging/index.ts";
import { encodeRefusal, encodeReply, readRequest } from "../../src/messaging/rpc.ts";
import { startNats } from "../support/nats.ts";
import { waitFor } from "../support/wait.ts";
import golden from "../wire/rpc.json";
import { logbook, messengerTo } from "./support.ts";

const encoder = new TextEncoder();
const bytes = (value: unknown) => encoder.encode(JSON.stringify(value));
const read = (payload: Uint8Array) => JSON.parse(new TextDecoder().decode(payload));
const SUBJECT = "svc.rpc.demo.main.v1";

describe("the samples of the Python framework", () => {
  const [request, reply, , refusal, unanswered] = golden;

  test("its requests are read", () => {
    expect(readRequest(bytes(request?.payload))).toEqual({ ok: true, data: { q: 1 }, sender: "Messenger_nhBFxZnESB" });
    expect(readRequest(bytes(unanswered?.payload))).toMatchObject({ ok: true, data: {} });
  });
  test("our answers have the form of its answers", () => {
    const ours = read(encodeReply(new MetaSource("demo"), reply?.payload.data as JsonObject));
    expect(Object.keys(ours)).toEqual(Object.keys(reply?.payload ?? {}));
    expect(ours.data).toEqual(reply?.payload.data);
    expect({ ...ours.meta, id: 0, ts: 0 }).toEqual({ ...reply?.payload.meta, id: 0, ts: 0 });
  });
  test("our refusals have the form of its errors, but for the message type that all our answers have", () => {
    const ours = read(encodeRefusal(new MetaSource("demo"), "boom"));
    expect(Object.keys(ours)).toEqual(["meta"]);
    expect(Object.keys(ours.meta).sort()).toEqual(Object.keys(refusal?.payload.meta ?? {}).sort());
    expect(ours.meta).toMatchObject({ status: "error", error: "boom", sender: "demo", trace_level: 10, tags: [] });
  });
  test("its errors are read as what they say", async () => {
    await using broker = await startNats({ jetstream: false });
    const connection = await connect({ servers: broker.url });
    connection.subscribe(`${SUBJECT}.bad`, { callback: (_, message) => message.respond(bytes(refusal?.payload)) });
    await expect(askRpc(connection, `${SUBJECT}.bad`, {}, { limitMs: 5_000 })).rejects.toThrow(/^boom$/);
    await connection.close();
  });
});

/** A server of `demo.main`, and a connection that asks. */
async function demo(
  handler: (command: string, data: JsonObject) => JsonObject | Promise<JsonObject>,
  mostPending = 2_000,
) {
  const stack = new AsyncDisposableStack();
  const broker = stack.use(await startNats());
  const log = logbook();
  const messenger = stack.use(messengerTo(broker.url));
  await messenger.open();
  const server = new RpcServer({ messenger, subjects: new Subjects(), logger: log.logger, mostPending });
  server.serve("demo.main", ({ command, data }) => handler(command, data));
  const asker = await connect({ servers: broker.url, maxReconnectAttempts: -1, reconnectTimeWait: 20 });
  stack.defer(() => asker.close());
  await messenger.ping();
  return { broker, log, messenger, server, asker, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
const ask = (connection: NatsConnection, command: string, data: JsonObject = {}, limitMs = 5_000) =>
  askRpc(connection, `${SUBJECT}.${command}`, data, { limitMs });
const raw = async (connection: NatsConnection, payload: Uint8Array) =>
  read((await connection.request(`${SUBJECT}.echo`, payload, { timeout: 5_000 })).data);

describe("a server", () => {
  test("answers with what its handler gives, by the queue group of its subject", async () => {
    await using at = await demo((command, data) => ({ command, data }));
    expect(await ask(at.asker, "echo", { n: 1 })).toEqual({ command: "echo", data: { n: 1 } });
    const second = new RpcServer({ messenger: at.messenger, subjects: new Subjects() });
    second.serve("demo.main", () => ({ second: true }));
    await at.messenger.ping();
    let replies = 0;
    at.asker.subscribe("answers", { callback: () => replies++ });
    for (let i = 0; i < 20; i++) at.asker.publish(`${SUBJECT}.echo`, bytes(golden[0]?.payload), { reply: "answers" });
    await ask(at.asker, "echo");
    await at.asker.flush();
    await waitFor("20 answers", () => replies >= 20);
    expect(replies).toBe(20);
  });

  test("tells what its handler throws, and goes on", async () => {
    await using at = await demo((command) => {
      if (command === "bad") throw new Error("no\nlens");
      return {};
    });
    await expect(ask(at.asker, "bad")).rejects.toThrow(RpcRefusedError);
    await expect(ask(at.asker, "bad")).rejects.toThrow("no lens");
    expect(await ask(at.asker, "good")).toEqual({});
  });

  test("refuses junk in words, and tells each kind once", async () => {
    await using at = await demo(() => ({ fine: true }));
    const meta = golden[0]?.payload.meta;
    const junk: [unknown: Uint8Array, says: RegExp][] = [
      [encoder.encode("{"), /no UTF-8 JSON/],
      [new Uint8Array([0xff, 0xfe, 0]), /no UTF-8 JSON/],
      [bytes([1, 2]), /no JSON object/],
      [bytes({ data: {} }), /meta is missing/],
      [bytes({ data: 5, meta }), /data is no JSON object/],
      [bytes({ data: {}, meta: { ...meta, ts: "today" } }), /meta.ts/],
      [new Uint8Array(1_000_000).fill(120), /1000000 bytes, more than the 262144/],
    ];
    for (const [payload, says] of junk) {
      const answer = await raw(at.asker, payload);
      expect(answer.data).toBeUndefined();
      expect(answer.meta.status).toBe("error");
      expect(answer.meta.error).toMatch(says);
    }
    await raw(at.asker, encoder.encode("{"));
    expect(at.log.lines.filter((line) => line.includes("no UTF-8 JSON")).length).toBe(2);
    expect((await raw(at.asker, new Uint8Array())).data).toEqual({ fine: true });
  });

  test("does nothing for who asks for no reply", async () => {
    let calls = 0;
    await using at = await demo(() => ({ calls: ++calls }));
    at.asker.publish(`${SUBJECT}.echo`, bytes(golden[0]?.payload));
    expect(await ask(at.asker, "echo")).toEqual({ calls: 1 });
    expect(at.log.lines).toEqual([expect.stringContaining("asks for no reply: passed over")]);
  });

  test("refuses an answer that the broker would not take, and data that is no JSON", async () => {
    const cycle: JsonObject = {};
    cycle.self = cycle;
    await using at = await demo((command) => (command === "big" ? { text: "x".repeat(2_000_000) } : cycle));
    await expect(ask(at.asker, "big")).rejects.toThrow(/the answer is too large: 2000\d+ bytes/);
    await expect(ask(at.asker, "cycle")).rejects.toThrow(/[Cc]ycl|circular/);
  });

  test("answers 200 at once, and refuses what is beyond its limit", async () => {
    const gate = Promise.withResolvers<void>();
    await using at = await demo(async (_, { n }) => {
      await gate.promise;
      return { n };
    }, 150);
    const answers = Array.from({ length: 200 }, (_, n) =>
      ask(at.asker, "count", { n }).catch((error) => String(error)),
    );
    await at.asker.flush();
    await expect(ask(at.asker, "more")).rejects.toThrow("busy");
    gate.resolve();
    const all = await Promise.all(answers);
    expect(all.filter((answer) => typeof answer === "object").length).toBe(150);
    expect(all.slice(0, 150)).toEqual(Array.from({ length: 150 }, (_, n) => ({ n })));
    expect(all[199]).toContain("busy: 150 requests are being answered");
  });

  test("answers again after the broker was away", async () => {
    await using at = await demo(() => ({ fine: true }));
    await at.broker.kill();
    await at.broker.start();
    const answer = () => ask(at.asker, "echo", {}, 200).catch(() => undefined);
    expect(await waitFor("an answer", answer)).toEqual({ fine: true });
  });

  test("serves from the moment the broker comes, when it was away at the start", async () => {
    const broker = await startNats();
    await broker.stop();
    await using messenger = messengerTo(broker.url);
    await messenger.open();
    const server = new RpcServer({ messenger, subjects: new Subjects() });
    server.serve("demo.main", () => ({ fine: true }));
    await broker.start();
    const asker = await connect({ servers: broker.url });
    expect(await waitFor("an answer", () => ask(asker, "echo", {}, 200).catch(() => undefined))).toEqual({
      fine: true,
    });
    await asker.close();
    await broker[Symbol.asyncDispose]();
  });

  test("no longer answers when it is closed, but finishes what it has begun", async () => {
    const gate = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    await using at = await demo(async () => {
      began.resolve();
      await gate.promise;
      return { late: true };
    });
    const answer = ask(at.asker, "slow");
    await began.promise;
    at.server.close();
    await at.messenger.ping();
    await expect(ask(at.asker, "echo")).rejects.toThrow(RpcNoResponderError);
    gate.resolve();
    expect(await answer).toEqual({ late: true });
  });
});

test("who asks is told whether nobody listens or nobody answers in time", async () => {
  await using at = await demo(() => new Promise<never>(() => {}));
  await expect(askRpc(at.asker, "svc.rpc.nobody.main.v1.health", {}, { limitMs: 5_000 })).rejects.toThrow(
    RpcNoResponderError,
  );
  await expect(ask(at.asker, "echo", {}, 50)).rejects.toThrow(RpcTimeoutError);
});

test("a subject that is none is refused before it can confuse the broker", async () => {
  await using at = await demo(() => ({ fine: true }));
  for (const command of ["two words", "a\r\nPUB x 0", ">", ""]) {
    await expect(ask(at.asker, command)).rejects.toThrow(/cannot be asked/);
  }
  expect(await ask(at.asker, "echo")).toEqual({ fine: true });
});

test("who asks while the connection breaks is told so", async () => {
  await using broker = await startNats();
  const asker = await connect({ servers: broker.url, reconnect: false });
  asker.subscribe("svc.rpc.silent.v1.x", { callback: () => {} });
  const answer = askRpc(asker, "svc.rpc.silent.v1.x", {}, { limitMs: 20_000 }).catch((error: unknown) => error);
  await asker.flush();
  await broker.kill();
  expect(String(await answer)).toContain("the connection to the broker was lost before the answer came");
});
