// What each pattern promises, between our own sockets.
import { describe, expect, test } from "bun:test";
import {
  type Message,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Subscriber,
  ZmtpClosedError,
  ZmtpFullError,
  ZmtpPeerLostError,
  type ZmtpSocket,
  ZmtpTimeoutError,
  ZmtpTurnError,
  ZmtpUsageError,
} from "../../src/zmtp/index.ts";
import { freePort } from "../support/ports.ts";
import { LIMIT_MS, waitFor } from "../support/wait.ts";

const LIMIT = { timeoutMs: LIMIT_MS };
const texts = (message: Message) => message.map(String);

async function bound<S extends ZmtpSocket>(socket: S): Promise<[S, string]> {
  return [socket, await socket.bind("tcp://127.0.0.1:*")];
}

describe("PUB and SUB", () => {
  async function publisherAnd(...prefixes: string[]) {
    const pub = new Publisher();
    const sub = new Subscriber({ subscribe: [...prefixes, "end"] });
    sub.connect(await pub.bind("tcp://127.0.0.1:*"));
    await pub.whenSubscribed("end", LIMIT);
    const close = async () => {
      await pub.close();
      await sub.close();
    };
    /** What of these topics comes. */
    const heard = async (...topics: string[]) => {
      for (const topic of [...topics, "end"]) await pub.send(topic);
      const received: string[] = [];
      for await (const [frame] of sub) {
        if (frame?.toString() === "end") return received;
        received.push(String(frame));
      }
      throw new Error("the subscriber has ended");
    };
    return { pub, sub, heard, [Symbol.asyncDispose]: close };
  }

  test("a prefix is a beginning of bytes: topics that begin alike are told apart by it only", async () => {
    await using both = await publisherAnd("state.dome", "stated");
    expect(await both.heard("state", "state.dome", "state.dome.azimuth", "statement", "stated")).toEqual([
      "state.dome",
      "state.dome.azimuth",
      "stated",
    ]);
  });

  test("a message that several subscriptions ask for comes once", async () => {
    await using both = await publisherAnd("a", "ab", "abc", "");
    expect(await both.heard("abcd", "x")).toEqual(["abcd", "x"]);
  });

  test("what was subscribed to twice has to be unsubscribed twice", async () => {
    await using both = await publisherAnd("a", "a");
    both.sub.unsubscribe("a");
    expect(await both.heard("a1")).toEqual(["a1"]);
    both.sub.unsubscribe("a");
    expect(await both.heard("a2")).toEqual([]);
    both.sub.unsubscribe("a");
    both.sub.subscribe("a");
    await both.pub.whenSubscribed("a", LIMIT);
    expect(await both.heard("a3")).toEqual(["a3"]);
  });

  test("what has come and was not taken is not given out after it was unsubscribed", async () => {
    await using both = await publisherAnd("a");
    await both.pub.send("a");
    await both.pub.send("end");
    await waitFor("it to come", () => both.pub.sent === 2);
    await Bun.sleep(50);
    both.sub.unsubscribe("a");
    expect(texts(await both.sub.receive(LIMIT))).toEqual(["end"]);
  });

  test("without a subscriber nothing waits and nothing is dropped", async () => {
    await using pub = new Publisher();
    for (let i = 0; i < 10_000; i++) await pub.send("nobody hears this");
    expect([pub.sent, pub.dropped]).toEqual([0, 0]);
  });

  test("who awaits each send loses nothing to a reader that keeps up", async () => {
    await using both = await publisherAnd("n");
    const received = (async () => {
      let count = 0;
      for await (const [frame] of both.sub) {
        if (frame?.toString() === "end") return count;
        count += 1;
      }
      return count;
    })();
    for (let i = 0; i < 50_000; i++) await both.pub.send(`n${i}`);
    await both.pub.send("end");
    expect(await received).toBe(50_000);
    expect(both.pub.dropped).toBe(0);
  });

  test("a subscriber asks at all its publishers, those of later too", async () => {
    await using sub = new Subscriber({ subscribe: ["a"] });
    const addresses: string[] = [];
    for (const name of ["first", "second"]) {
      const pub = new Publisher();
      const address = await pub.bind("tcp://127.0.0.1:*");
      sub.connect(address);
      addresses.push(address);
      await pub.whenSubscribed("a", LIMIT);
      await pub.send("a", name);
      expect(texts(await sub.receive(LIMIT))).toEqual(["a", name]);
      await pub.close();
    }
    expect(() => sub.connect(addresses[1] ?? "")).toThrow(ZmtpUsageError);
  });
});

describe("PUSH and PULL", () => {
  test.each([
    [1, 1],
    [2, 1],
    [4, 8],
  ])("nothing is lost at a mark of %d with %d who wait", async (highWaterMark, readers) => {
    await using push = new Push();
    await using pull = new Pull({ highWaterMark });
    pull.connect(await push.bind("tcp://127.0.0.1:*"));
    const count = 200;
    const received: number[] = [];
    const read = async () => {
      for (;;) {
        const [frame] = await pull.receive(LIMIT);
        received.push(Number(String(frame)));
        await Bun.sleep(0);
      }
    };
    for (let i = 0; i < readers; i++) void read().catch(() => undefined);
    for (let i = 0; i < count; i++) await push.send(String(i));
    await waitFor("all of them", () => received.length === count);
    expect(received.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  test("tasks go to the peers in turns", async () => {
    await using push = new Push();
    const address = await push.bind("tcp://127.0.0.1:*");
    const pulls = [new Pull(), new Pull(), new Pull()];
    for (const pull of pulls) pull.connect(address);
    await push.whenConnected({ peers: 3, ...LIMIT });
    for (let i = 0; i < 30; i++) await push.send(String(i));
    for (const pull of pulls) {
      const numbers: number[] = [];
      while (numbers.length < 10) numbers.push(Number(texts(await pull.receive(LIMIT))[0]));
      expect(numbers).toEqual(Array.from({ length: 10 }, (_, i) => (numbers[0] ?? 0) + 3 * i));
      await pull.close();
    }
  });

  test("a busy peer does not keep others waiting: messages are taken in turns", async () => {
    await using pull = new Pull();
    const address = await pull.bind("tcp://127.0.0.1:*");
    await using busy = new Push();
    await using rare = new Push();
    busy.connect(address);
    rare.connect(address);
    for (let i = 0; i < 500; i++) await busy.send("busy");
    await rare.send("rare");
    await waitFor("both to have sent", () => busy.sent === 500 && rare.sent === 1);
    await Bun.sleep(100);
    const first = [await pull.receive(LIMIT), await pull.receive(LIMIT), await pull.receive(LIMIT)];
    expect(first.flatMap(texts)).toContain("rare");
  });

  test("a send without a peer waits for one", async () => {
    await using push = new Push();
    const address = `tcp://127.0.0.1:${await freePort()}`;
    push.connect(address);
    const sending = push.send("early", "bird");
    await using pull = new Pull();
    await pull.bind(address);
    await sending;
    expect(texts(await pull.receive(LIMIT))).toEqual(["early", "bird"]);
  });

  test("sends that nobody awaits are not kept without end", async () => {
    await using push = new Push({ highWaterMark: 3 });
    const sends = [push.send("1"), push.send("2"), push.send("3")].map((send) => send.catch((error: unknown) => error));
    expect(push.send("4")).rejects.toThrow(ZmtpFullError);
    await push.close();
    for (const result of await Promise.all(sends)) expect(result).toBeInstanceOf(ZmtpClosedError);
  });

  test("what was sent before close arrives", async () => {
    await using pull = new Pull({ highWaterMark: 5 });
    const address = await pull.bind("tcp://127.0.0.1:*");
    {
      await using push = new Push({ lingerMs: Infinity });
      push.connect(address);
      await push.whenConnected(LIMIT);
      for (let i = 0; i < 100; i++) void push.send(Buffer.alloc(100_000, i));
      void (async () => {
        await Bun.sleep(100);
        for (let i = 0; i < 100; i++) received.push((await pull.receive(LIMIT))[0]?.[0] ?? -1);
      })();
    }
    await waitFor("all of it", () => received.length === 100);
    expect(received).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
  const received: number[] = [];

  test("close waits for no longer than the linger time", async () => {
    const [pull, address] = await bound(new Pull({ highWaterMark: 1 }));
    const push = new Push({ lingerMs: 200 });
    push.connect(address);
    await push.whenConnected(LIMIT);
    for (let i = 0; i < 20; i++) await push.send(Buffer.alloc(1_000_000));
    const began = performance.now();
    await push.close();
    const tookMs = performance.now() - began;
    expect(tookMs).toBeGreaterThan(150);
    expect(tookMs).toBeLessThan(10_000);
    await pull.close();
  });
});

describe("REQ and REP", () => {
  test("keep strictly to their turns", async () => {
    const [rep, address] = await bound(new Reply());
    await using _ = rep;
    await using req = new Request();
    req.connect(address);
    expect(req.receive()).rejects.toThrow(ZmtpTurnError);
    expect(rep.send("no question")).rejects.toThrow(ZmtpTurnError);
    await req.send("question");
    expect(req.send("another")).rejects.toThrow(ZmtpTurnError);
    await rep.receive(LIMIT);
    expect(rep.receive()).rejects.toThrow(ZmtpTurnError);
    await rep.send("answer");
    expect(req.send("another")).rejects.toThrow(ZmtpTurnError);
    expect(texts(await req.receive(LIMIT))).toEqual(["answer"]);
    await req.send("another");
    expect(texts(await rep.receive(LIMIT))).toEqual(["another"]);
  });

  test("a request goes to each peer in turns, and a loop answers it", async () => {
    await using req = new Request();
    const address = await req.bind("tcp://127.0.0.1:*");
    const reps = ["one", "two"].map((name) => {
      const rep = new Reply();
      rep.connect(address);
      const serving = (async () => {
        for await (const [frame = ""] of rep) await rep.send(name, frame);
      })();
      return { rep, serving };
    });
    await req.whenConnected({ peers: 2, ...LIMIT });
    const answers: string[] = [];
    for (let i = 0; i < 4; i++) answers.push(texts(await req.request("", "x"))[0] ?? "");
    expect(answers.toSorted()).toEqual(["one", "one", "two", "two"]);
    for (const { rep, serving } of reps) {
      await rep.close();
      await serving;
    }
  });

  test("a REP that goes before it has answered fails the request, which can be sent again", async () => {
    const address = `tcp://127.0.0.1:${await freePort()}`;
    await using req = new Request();
    req.connect(address);
    {
      await using rep = new Reply();
      await rep.bind(address);
      await req.send("question");
      await rep.receive(LIMIT);
    }
    expect(req.receive(LIMIT)).rejects.toThrow(ZmtpPeerLostError);
    await waitFor("the loss to be seen", () => req.peers === 0);
    await using rep = new Reply();
    await rep.bind(address);
    const answer = req.request("question");
    await rep.receive(LIMIT);
    await rep.send("answer");
    expect(texts(await answer)).toEqual(["answer"]);
  });

  test("a relaxed REQ asks again after a time-out, and takes no late answer for the new one", async () => {
    await using rep = new Reply({ relaxed: true });
    await using req = new Request({ relaxed: true });
    req.connect(await rep.bind("tcp://127.0.0.1:*"));
    await req.send("first");
    expect(texts(await rep.receive(LIMIT))).toEqual(["first"]);
    await expect(req.receive({ timeoutMs: 50 })).rejects.toThrow(ZmtpTimeoutError);
    await req.send("second");
    await rep.send("answer to first");
    expect(texts(await rep.receive(LIMIT))).toEqual(["second"]);
    await rep.send("answer to second");
    expect(texts(await req.receive(LIMIT))).toEqual(["answer to second"]);
  });
});

describe("a socket", () => {
  test("that is closed says so, and ends its loops", async () => {
    const [pull] = await bound(new Pull());
    const loop = (async () => {
      for await (const message of pull) throw new Error(`unexpected ${message}`);
      return "ended";
    })();
    const waiting = pull.whenConnected().catch((error: unknown) => error);
    await pull.close();
    await pull.close();
    expect(await loop).toBe("ended");
    expect(await waiting).toBeInstanceOf(ZmtpClosedError);
    expect(pull.receive()).rejects.toThrow("the PULL socket is closed");
    expect(pull.bind("tcp://127.0.0.1:*")).rejects.toThrow(ZmtpClosedError);
    expect(() => pull.connect("tcp://127.0.0.1:5555")).toThrow(ZmtpClosedError);
  });

  test("stops waiting when it is told to", async () => {
    await using pull = new Pull();
    await expect(pull.receive({ timeoutMs: 20 })).rejects.toThrow(ZmtpTimeoutError);
    await expect(pull.receive({ signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
    const controller = new AbortController();
    const receiving = pull.receive({ signal: controller.signal });
    controller.abort(new Error("stop"));
    await expect(receiving).rejects.toThrow("stop");
  });

  test("frees its address when it is closed, or unbound", async () => {
    await using pull = new Pull();
    const address = await pull.bind("tcp://127.0.0.1:*");
    pull.unbind(address);
    const [next] = [new Pull()];
    expect(await next.bind(address)).toBe(address);
    await next.close();
    expect(await pull.bind(address)).toBe(address);
    expect(() => pull.unbind("tcp://127.0.0.1:1")).toThrow("not bound to it");
  });

  test("connects no more where it was disconnected", async () => {
    await using push = new Push();
    const address = await push.bind("tcp://127.0.0.1:*");
    await using pull = new Pull({ reconnectMs: 10 });
    pull.connect(address);
    await push.whenConnected(LIMIT);
    pull.disconnect(address);
    await waitFor("the connection to end", () => push.peers === 0);
    await Bun.sleep(100);
    expect(push.peers).toBe(0);
  });

  test.each([
    [{ highWaterMark: 0 }, "option highWaterMark: expected a number above 0, got 0"],
    [{ lingerMs: -1 }, "option lingerMs: expected a number of 0 or more, got -1"],
    [{ handshakeMs: Number.NaN }, "option handshakeMs: expected a number above 0, got NaN"],
  ])("with %o is refused", (options, message) => {
    expect(() => new Pull(options)).toThrow(message);
    expect(() => new Pull(options)).toThrow(ZmtpUsageError);
  });
});
