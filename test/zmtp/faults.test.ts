// Peers that are broken, stuck, hostile or the wrong ones: each is told apart, and holds up nobody else.
import { describe, expect, test } from "bun:test";
import {
  NotZmtpError,
  Publisher,
  Pull,
  Push,
  Reply,
  type SocketEvent,
  Subscriber,
  ZmtpBindError,
  ZmtpConnectError,
  type ZmtpError,
  ZmtpHandshakeError,
  ZmtpLimitError,
  ZmtpPeerTypeError,
  ZmtpProtocolError,
  ZmtpUsageError,
} from "../../src/zmtp/index.ts";
import { freePort } from "../support/ports.ts";
import { LIMIT_MS, waitFor, within } from "../support/wait.ts";
import { command, opening, RawPeer, seededRandom, wire } from "./bytes.ts";

const LIMIT = { timeoutMs: LIMIT_MS };

/** Keeps the errors of connections. */
function watch(): { errors: ZmtpError[]; onEvent: (event: SocketEvent) => void } {
  const errors: ZmtpError[] = [];
  return { errors, onEvent: (event) => void ("error" in event && event.error && errors.push(event.error)) };
}

/** The good peer gets through: the socket is none the worse. */
async function expectStillServing(pull: Pull, address: string): Promise<void> {
  await using push = new Push();
  push.connect(address);
  await push.send("good");
  expect((await pull.receive(LIMIT)).map(String)).toEqual(["good"]);
}

describe("a bound socket drops", () => {
  test.each([
    ["a web browser", Buffer.from("GET / HTTP/1.1\r\n\r\n"), NotZmtpError, /began with "GET \/ HTTP/],
    ["a peer of ZMTP 1.0", Buffer.from([0x01, 0x00, ...Array(20).fill(0)]), NotZmtpError, /began with the bytes 0100/],
    ["a peer of ZMTP 2.0", Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1]), NotZmtpError, /older ZMTP/],
    [
      "a peer that wants CURVE",
      Buffer.concat([opening("PUSH").subarray(0, 12), Buffer.from("CURVE"), Buffer.alloc(47)]),
      ZmtpHandshakeError,
      /wants the mechanism "CURVE", expected NULL/,
    ],
    [
      "a message before READY",
      Buffer.concat([opening("PUSH").subarray(0, 64), wire("x")]),
      ZmtpProtocolError,
      /before its READY/,
    ],
    ["the wrong type", opening("PUB"), ZmtpPeerTypeError, /of type "PUB", expected PUSH/],
    ["rubbish after the handshake", Buffer.concat([opening("PUSH"), Buffer.from([0xff])]), ZmtpProtocolError, /0xff/],
    [
      "a claim of 2^63 bytes",
      Buffer.concat([opening("PUSH"), Buffer.from("027fffffffffffffff", "hex")]),
      ZmtpLimitError,
      /at most/,
    ],
  ] as const)("%s, and says what was wrong", async (_, bytes, kind, message) => {
    const { errors, onEvent } = watch();
    await using pull = new Pull({ onEvent });
    const address = await pull.bind("tcp://127.0.0.1:*");
    using raw = await RawPeer.connect(address);
    raw.say(bytes);
    await raw.isDropped();
    await waitFor("the error to be told", () => errors.length > 0);
    expect(errors[0]).toBeInstanceOf(kind);
    expect(errors[0]?.message).toMatch(message);
    expect(errors.length).toBe(1);
    await expectStillServing(pull, address);
  });

  test.each([
    ["anything", Buffer.alloc(0)],
    ["the rest of its greeting", opening("PUSH").subarray(0, 20)],
    ["its READY", opening("PUSH").subarray(0, 70)],
  ])("one that never sends %s", async (what, bytes) => {
    const { errors, onEvent } = watch();
    await using pull = new Pull({ handshakeMs: 200, onEvent });
    const address = await pull.bind("tcp://127.0.0.1:*");
    using raw = await RawPeer.connect(address);
    raw.say(bytes);
    await raw.isDropped();
    await waitFor("the error to be told", () => errors.length > 0);
    expect(errors[0]?.message).toMatch(new RegExp(`did not send ${what} within 200 ms`));
    await expectStillServing(pull, address);
  });

  test("five hundred connections of rubbish, and serves the good one", async () => {
    const { errors, onEvent } = watch();
    await using pull = new Pull({ onEvent });
    const address = await pull.bind("tcp://127.0.0.1:*");
    const random = seededRandom(11);
    const rubbish = () => Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256)));
    const bother = async (i: number) => {
      using raw = await RawPeer.connect(address);
      raw.say(i % 2 ? rubbish() : Buffer.concat([opening("PUSH"), Buffer.from([0x80 | (i % 7)]), rubbish()]));
      await raw.isDropped();
    };
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 50 }, (_, i) => bother(50 * round + i)));
    }
    expect(errors.length).toBe(500);
    await expectStillServing(pull, address);
  });

  test("a subscriber that asks for more than it may", async () => {
    const { errors, onEvent } = watch();
    await using pub = new Publisher({ maxSubscriptionBytes: 10_000, onEvent });
    using raw = await RawPeer.connect(await pub.bind("tcp://127.0.0.1:*"));
    raw.say(opening("SUB"));
    for (let i = 0; i < 300; i++) raw.say(wire(`\u0001a topic ${i}`));
    await raw.isDropped();
    await waitFor("the error to be told", () => errors.length > 0);
    expect(errors[0]).toBeInstanceOf(ZmtpLimitError);
  });
});

describe("a peer that vanishes", () => {
  test("in the middle of a message leaves nothing of it", async () => {
    await using pull = new Pull();
    const address = await pull.bind("tcp://127.0.0.1:*");
    {
      using raw = await RawPeer.connect(address);
      raw.say(Buffer.concat([opening("PUSH"), wire("whole"), wire("a", "part").subarray(0, 4)]));
      expect((await pull.receive(LIMIT)).map(String)).toEqual(["whole"]);
    }
    await waitFor("its end to be seen", () => pull.peers === 0);
    await expectStillServing(pull, address);
  });

  test("is still heard to the end of what it sent", async () => {
    await using pull = new Pull({ highWaterMark: 10 });
    const address = await pull.bind("tcp://127.0.0.1:*");
    {
      await using push = new Push();
      push.connect(address);
      for (let i = 0; i < 2_000; i++) await push.send(String(i));
    }
    for (let i = 0; i < 2_000; i++) expect((await pull.receive(LIMIT)).map(String)).toEqual([String(i)]);
  });

  test("before it is answered makes no trouble to REP", async () => {
    await using rep = new Reply();
    const address = await rep.bind("tcp://127.0.0.1:*");
    {
      using raw = await RawPeer.connect(address);
      raw.say(Buffer.concat([opening("REQ"), wire("", "question")]));
      expect((await rep.receive(LIMIT)).map(String)).toEqual(["question"]);
    }
    await waitFor("its end to be seen", () => rep.peers === 0);
    await rep.send("to nobody");
    expect(rep.dropped).toBe(1);
  });

  test("leaves what it has not been sent to another PULL", async () => {
    await using push = new Push({ highWaterMark: 500 });
    const address = await push.bind("tcp://127.0.0.1:*");
    const payload = "x".repeat(50_000);
    let given = 0;
    {
      using stuck = await RawPeer.connect(address);
      stuck.say(opening("PULL"));
      await push.whenConnected(LIMIT);
      stuck.stall();
      while (given < 300) await push.send(`${String(given++).padStart(6)}${payload}`);
    }
    await waitFor("its end to be seen", () => push.peers === 0);
    await using pull = new Pull();
    pull.connect(address);
    await push.whenConnected(LIMIT);
    await push.send("last");
    const numbers: number[] = [];
    for await (const [frame] of pull) {
      if (frame?.toString() === "last") break;
      numbers.push(Number(frame?.toString("latin1", 0, 6)));
      expect(frame?.length).toBe(50_006);
    }
    // What the kernel had taken is lost; the rest is whole, in order, up to the last.
    expect(numbers.length).toBeGreaterThan(100);
    expect(numbers).toEqual(Array.from(numbers, (_, i) => given - numbers.length + i));
  });
});

describe("a peer of ZMTP 3.1", () => {
  test("subscribes by commands, and its PING is answered with its context", async () => {
    await using pub = new Publisher();
    using raw = await RawPeer.connect(await pub.bind("tcp://127.0.0.1:*"));
    raw.say(Buffer.concat([opening("SUB"), command("SUBSCRIBE", "wind"), command("PING", "\0\0context")]));
    await pub.whenSubscribed("wind", LIMIT);
    await raw.hears("\u0004PONGcontext");
    await pub.send("wind.speed");
    await raw.hears("wind.speed");
    raw.say(Buffer.concat([command("CANCEL", "wind"), command("UNKNOWN", ""), command("PING", "\0\0second")]));
    await raw.hears("\u0004PONGsecond");
    await pub.send("wind.gust");
    expect(pub.sent).toBe(1);
  });
});

describe("a peer that does not read", () => {
  test("and asks for signs of life without end is given no endless queue of them", async () => {
    await using pull = new Pull({ highWaterBytes: 100_000, lingerMs: 0 });
    const address = await pull.bind("tcp://127.0.0.1:*");
    using raw = await RawPeer.connect(address);
    raw.say(opening("PUSH"));
    await pull.whenConnected(LIMIT);
    raw.stall();
    const pings = Buffer.concat(Array.from({ length: 1_000 }, () => command("PING", `\0\0${"x".repeat(1_000)}`)));
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 50; i++) await raw.write(pings);
    await raw.write(wire("the end"));
    await pull.receive(LIMIT);
    // 50 MB were asked for; what waits is slabs of 128 KiB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    await expectStillServing(pull, address);
  });

  test("makes PUSH wait, within bounded memory, until it reads again or another comes", async () => {
    await using push = new Push({ highWaterMark: 10, lingerMs: 0 });
    const address = await push.bind("tcp://127.0.0.1:*");
    using stuck = await RawPeer.connect(address);
    stuck.say(opening("PULL"));
    await push.whenConnected(LIMIT);
    stuck.stall();
    const payload = Buffer.alloc(100_000);
    let sent = 0;
    const sending = (async () => {
      while (sent < 1_000) {
        await push.send(payload);
        sent += 1;
      }
    })();
    await waitFor("the sends to stop", async () => {
      const before = sent;
      await Bun.sleep(200);
      return sent === before && sent > 0;
    });
    expect(sent).toBeLessThan(200);
    await using pull = new Pull();
    pull.connect(address);
    const reading = (async () => {
      for await (const [frame] of pull) expect(frame?.length).toBe(100_000);
    })();
    await within("the rest", sending);
    await pull.close();
    await reading;
  });

  test("costs PUB its high-water mark in bytes and no more", async () => {
    const MB = 1_000_000;
    await using pub = new Publisher({ highWaterBytes: 20 * MB, lingerMs: 0 });
    using stuck = await RawPeer.connect(await pub.bind("tcp://127.0.0.1:*"));
    stuck.say(Buffer.concat([opening("SUB"), wire("\u0001")]));
    await pub.whenSubscribed("x", LIMIT);
    stuck.stall();
    for (let i = 0; i < 500; i++) await pub.send(Buffer.alloc(MB));
    expect(pub.sent + pub.dropped).toBe(500);
    // 20 wait, and the kernel holds a few.
    expect(pub.sent).toBeLessThan(60);
  });

  test("is not read from either: PULL keeps its high-water mark, and PUSH waits", async () => {
    await using pull = new Pull({ highWaterMark: 10 });
    await using push = new Push({ highWaterMark: 10, lingerMs: 0, sendTimeoutMs: 300 });
    push.connect(await pull.bind("tcp://127.0.0.1:*"));
    const payload = Buffer.alloc(1_000_000);
    let sent = 0;
    const flood = async () => {
      for (; sent < 200; sent++) await push.send(payload);
    };
    const fault = await flood().catch((error: unknown) => error);
    expect(String(fault)).toMatch(/waiting for a PULL peer with room: not within 300 ms/);
    expect(sent).toBeLessThan(100);
    for (let i = 0; i < sent; i++) await pull.receive(LIMIT);
  });
});

describe("an address", () => {
  test("in use is told so", async () => {
    await using first = new Pull();
    await using second = new Pull();
    const address = await first.bind("tcp://127.0.0.1:*");
    expect(second.bind(address)).rejects.toThrow(ZmtpBindError);
    expect(second.bind(address)).rejects.toThrow(`${address}: the address is in use`);
    expect(second.bind("tcp://192.0.2.1:5555")).rejects.toThrow("this host has no such address");
  });

  test("where nobody listens is tried again, with pauses that grow", async () => {
    const retries: number[] = [];
    const errors: ZmtpError[] = [];
    await using pull = new Pull({
      reconnectMs: 10,
      reconnectMaxMs: 100,
      onEvent: (event) => {
        if (event.type !== "failed") return;
        errors.push(event.error);
        retries.push(event.retryMs ?? 0);
      },
    });
    pull.connect(`tcp://127.0.0.1:${await freePort()}`);
    await waitFor("six attempts", () => retries.length >= 6);
    expect(errors[0]).toBeInstanceOf(ZmtpConnectError);
    expect(errors[0]?.message).toMatch(/cannot connect: nobody listens there/);
    for (const [i, retry] of retries.slice(0, 6).entries()) {
      const longest = Math.min(100, 10 * 2 ** i);
      expect(retry).toBeGreaterThanOrEqual(longest / 2);
      expect(retry).toBeLessThanOrEqual(longest);
    }
  });

  test("that is no ZeroMQ's is told so by the side that connects", async () => {
    const { errors, onEvent } = watch();
    using server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { open: (socket) => void socket.write('INFO {"server_id":"N"}\r\n'), data: () => undefined },
    });
    await using sub = new Subscriber({ onEvent });
    sub.connect(`tcp://127.0.0.1:${server.port}`);
    await waitFor("the error", () => errors.length > 0);
    expect(errors[0]).toBeInstanceOf(NotZmtpError);
    expect(errors[0]?.message).toMatch(/does not speak ZMTP: it began with "INFO/);
  });

  test("of the wrong type of socket is told so on both sides", async () => {
    const ours = watch();
    const theirs = watch();
    await using pub = new Publisher({ onEvent: theirs.onEvent });
    await using pull = new Pull({ onEvent: ours.onEvent });
    pull.connect(await pub.bind("tcp://127.0.0.1:*"));
    await waitFor("both errors", () => ours.errors.length > 0 && theirs.errors.length > 0);
    const messages = [...ours.errors, ...theirs.errors].map(({ message }) => message).join("\n");
    expect(messages).toMatch(/of type "PUB", expected PUSH|of type "PULL", expected SUB/);
  });

  test.each([
    ["localhost:5555", /this is no address/],
    ["tcp://127.0.0.1", /this is no address/],
    ["ipc:///tmp/x", /transport ipc is not supported/],
    ["tcp://127.0.0.1:70000", /a port from \d to 65535, got 70000/],
    ["tcp://*:5555", /"\*" is for binding/],
  ])("like %s cannot be connected to", async (address, message) => {
    await using sub = new Subscriber();
    expect(() => sub.connect(address)).toThrow(ZmtpUsageError);
    expect(() => sub.connect(address)).toThrow(message);
  });

  test("without a host is the loopback, and every interface only when asked for", async () => {
    await using sub = new Subscriber();
    expect(await sub.bind("tcp://:*")).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/);
    expect(await sub.bind("tcp://localhost:*")).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/);
    expect(await sub.bind("tcp://*:*")).toMatch(/^tcp:\/\/0\.0\.0\.0:\d+$/);
  });
});
