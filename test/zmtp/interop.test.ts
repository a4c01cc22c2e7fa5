// Our sockets and those of libzmq: every pattern, in every direction, whichever side binds.
import { describe, expect, test } from "bun:test";
import {
  type Message,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  type SocketEvent,
  Subscriber,
  type ZmtpSocket,
} from "../../src/zmtp/index.ts";
import { freePort } from "../support/ports.ts";
import { LIMIT_MS, waitFor } from "../support/wait.ts";
import { PyzmqSocket } from "./pyzmq.ts";

const MESSAGES = [["topic one"], ["topic", "", "third"], ["topic", "x".repeat(300), "ł🔭"], ["topic", ""]];
const MB32 = 32 * 1024 * 1024;
const LIMIT = { timeoutMs: LIMIT_MS };

const texts = (message: Message) => message.map(String);
const freeAddress = async () => `tcp://127.0.0.1:${await freePort()}`;

/** Brings two sockets together. */
async function join(binder: "ours" | "theirs", ours: ZmtpSocket, theirs: PyzmqSocket): Promise<void> {
  const address = await freeAddress();
  if (binder === "ours") {
    await ours.bind(address);
    await theirs.connect(address);
  } else {
    await theirs.bind(address);
    ours.connect(address);
  }
  await ours.whenConnected(LIMIT);
}

describe.each(["ours", "theirs"] as const)("with pyzmq, where %s binds", (binder) => {
  test("PUB to its SUB", async () => {
    await using pub = new Publisher();
    await using sub = new PyzmqSocket("SUB");
    await sub.subscribe("topic");
    await join(binder, pub, sub);
    // A bound SUB of libzmq subscribes at its peers only while its program waits for something.
    const first = sub.receive();
    await pub.whenSubscribed("topic", LIMIT);
    await pub.send("other", "not for it");
    for (const [topic = "", ...frames] of MESSAGES) await pub.send(topic, ...frames);
    expect(await first).toEqual(MESSAGES[0]);
    for (const message of MESSAGES.slice(1)) expect(await sub.receive()).toEqual(message);
  });

  test("SUB from its PUB", async () => {
    await using pub = new PyzmqSocket("PUB");
    await using sub = new Subscriber({ subscribe: ["topic", "probe"] });
    await join(binder, sub, pub);
    await waitFor("the subscription to arrive", async () => {
      await pub.send("probe");
      return sub.tryReceive();
    });
    await pub.send("other", "not for us");
    for (const message of MESSAGES) await pub.send(...message);
    const received: string[][] = [];
    for await (const message of sub) {
      if (message[0]?.toString() !== "probe") received.push(texts(message));
      if (received.length === MESSAGES.length) break;
    }
    expect(received).toEqual(MESSAGES);
  });

  test("PUSH to its PULL", async () => {
    await using push = new Push();
    await using pull = new PyzmqSocket("PULL");
    await join(binder, push, pull);
    for (const [first = "", ...frames] of MESSAGES) await push.send(first, ...frames);
    for (const message of MESSAGES) expect(await pull.receive()).toEqual(message);
  });

  test("PULL from its PUSH", async () => {
    await using push = new PyzmqSocket("PUSH");
    await using pull = new Pull();
    await join(binder, pull, push);
    for (const message of MESSAGES) await push.send(...message);
    for (const message of MESSAGES) expect(texts(await pull.receive(LIMIT))).toEqual(message);
  });

  test("REQ to its REP", async () => {
    await using rep = new PyzmqSocket("REP");
    await using req = new Request();
    await join(binder, req, rep);
    for (const [first = "", ...frames] of MESSAGES) {
      const reply = req.request(first, ...frames);
      expect(await rep.receive()).toEqual([first, ...frames]);
      await rep.send("reply to", first, ...frames);
      expect(texts(await reply)).toEqual(["reply to", first, ...frames]);
    }
  });

  test("REP from its REQ", async () => {
    await using req = new PyzmqSocket("REQ");
    await using rep = new Reply();
    await join(binder, rep, req);
    for (const message of MESSAGES) {
      await req.send(...message);
      const request = texts(await rep.receive(LIMIT));
      expect(request).toEqual(message);
      await rep.send("reply to", ...request);
      expect(await req.receive()).toEqual(["reply to", ...message]);
    }
  });

  test("messages of 32 MB, both ways", async () => {
    await using push = new Push();
    await using pull = new PyzmqSocket("PULL");
    await join(binder, push, pull);
    await push.send(Buffer.alloc(MB32, 7));
    await push.send("after it");
    expect(await pull.receive()).toEqual([`${MB32} x [7]`]);
    expect(await pull.receive()).toEqual(["after it"]);
    await using theirPush = new PyzmqSocket("PUSH");
    await using ourPull = new Pull();
    await join(binder, ourPull, theirPush);
    await theirPush.sendLarge(MB32, 9);
    const [frame = Buffer.alloc(0)] = await ourPull.receive(LIMIT);
    expect(frame.equals(Buffer.alloc(MB32, 9))).toBe(true);
  });
});

describe("relaxed requests", () => {
  test("ours are answered by its REP in spite of one that was given up", async () => {
    await using rep = new PyzmqSocket("REP");
    await using req = new Request({ relaxed: true });
    await join("theirs", req, rep);
    await req.send("first");
    expect(await rep.receive()).toEqual(["first"]);
    await req.send("second");
    await rep.send("answer to first");
    expect(await rep.receive()).toEqual(["second"]);
    await rep.send("answer to second");
    expect(texts(await req.receive(LIMIT))).toEqual(["answer to second"]);
  });

  test("its own, with correlation, get the answers of our REP", async () => {
    await using req = new PyzmqSocket("REQ", { REQ_RELAXED: 1, REQ_CORRELATE: 1 });
    await using rep = new Reply();
    await join("ours", rep, req);
    await req.send("question");
    expect(texts(await rep.receive(LIMIT))).toEqual(["question"]);
    await rep.send("answer");
    expect(await req.receive()).toEqual(["answer"]);
  });
});

describe("when a side is started anew", () => {
  test("our PUSH goes on with the PULL that comes back at the same address", async () => {
    const address = await freeAddress();
    await using push = new Push();
    push.connect(address);
    {
      await using pull = new PyzmqSocket("PULL");
      await pull.bind(address);
      await push.send("one");
      expect(await pull.receive()).toEqual(["one"]);
    }
    await waitFor("the connection to be lost", () => push.peers === 0);
    const sending = push.send("two");
    await using pull = new PyzmqSocket("PULL");
    await pull.bind(address);
    await sending;
    expect(await pull.receive()).toEqual(["two"]);
  });

  test("our SUB has its subscriptions at a publisher that comes back", async () => {
    const address = await freeAddress();
    await using sub = new Subscriber({ subscribe: ["a"] });
    sub.connect(address);
    for (const life of ["first", "second"]) {
      await using pub = new PyzmqSocket("PUB");
      await pub.bind(address);
      const heard = new Set<string | undefined>();
      await waitFor(`something of the ${life} life`, async () => {
        await pub.send(`a ${life}`);
        const message = sub.tryReceive();
        if (message) heard.add(texts(message)[0]);
        return heard.has(`a ${life}`);
      });
      expect([...heard]).toContain(`a ${life}`);
    }
  });

  test("its SUB comes back to our PUB, and is served again", async () => {
    const address = await freeAddress();
    await using sub = new PyzmqSocket("SUB");
    await sub.subscribe("a");
    await sub.connect(address);
    for (const life of ["first", "second"]) {
      await using pub = new Publisher();
      await pub.bind(address);
      const received = sub.receive();
      await pub.whenSubscribed("a", LIMIT);
      await pub.send(`a ${life}`);
      expect(await received).toEqual([`a ${life}`]);
    }
  });
});

describe("heartbeats", () => {
  test("of libzmq are answered: it keeps the connection", async () => {
    const events: SocketEvent["type"][] = [];
    await using pull = new Pull({ onEvent: ({ type }) => events.push(type) });
    await using push = new PyzmqSocket("PUSH", { HEARTBEAT_IVL: 50, HEARTBEAT_TIMEOUT: 150, HEARTBEAT_TTL: 1000 });
    await join("ours", pull, push);
    await Bun.sleep(600);
    await push.send("still here");
    expect(texts(await pull.receive(LIMIT))).toEqual(["still here"]);
    expect(events).toEqual(["listening", "connected"]);
  });

  test("that libzmq does not send any more end the connection after its own time to live", async () => {
    await using pull = new Pull();
    await using push = new PyzmqSocket("PUSH", { HEARTBEAT_IVL: 50, HEARTBEAT_TTL: 400 });
    await join("ours", pull, push);
    // Its first PING carries the time.
    await Bun.sleep(200);
    push.signal("SIGSTOP");
    await waitFor("the silent peer to be given up", () => pull.peers === 0);
  });

  test("are answered by libzmq, and a peer that hangs is given up", async () => {
    const events: SocketEvent[] = [];
    await using pull = new Pull({ heartbeatMs: 100, onEvent: (event) => events.push(event) });
    await using push = new PyzmqSocket("PUSH");
    await join("ours", pull, push);
    await Bun.sleep(800);
    expect(pull.peers).toBe(1);
    push.signal("SIGSTOP");
    await waitFor("the silent peer to be given up", () => pull.peers === 0);
    const last = events.at(-1);
    expect(last?.type === "disconnected" && last.error?.message).toMatch(/has been silent for \d+ ms/);
  });
});

test("a pyzmq SUB that hangs misses messages, and holds up nobody", async () => {
  await using pub = new Publisher({ highWaterMark: 100 });
  const address = await pub.bind("tcp://127.0.0.1:*");
  await using hung = new PyzmqSocket("SUB", { RCVHWM: 10 });
  await using reader = new Subscriber({ subscribe: ["a"] });
  await hung.subscribe("a");
  await hung.connect(address);
  reader.connect(address);
  const probed = Promise.all([hung.receive(), reader.receive(LIMIT)]).then(() => true);
  await waitFor("both to be subscribed", async () => {
    await pub.send("a probe");
    return Promise.race([probed, Bun.sleep(20)]);
  });
  hung.signal("SIGSTOP");
  const payload = Buffer.alloc(100_000, "a");
  let received = 0;
  for (let i = 0; i < 1_000; i++) {
    await pub.send(payload);
    while ((await reader.receive(LIMIT))[0]?.length !== payload.length);
    received += 1;
  }
  expect(received).toBe(1_000);
  expect(pub.dropped).toBeGreaterThan(100);
  hung.signal("SIGCONT");
  expect(Number(await hung.count(500))).toBeLessThan(1_000);
});
