// Either side started anew, with real pyzmq: every pattern, in both directions, whoever binds.
import { expect, test } from "bun:test";
import { Publisher, Pull, Push, Reply, Request, Subscriber, type ZmtpSocket } from "../../src/zmtp/index.ts";
import { freePort } from "../support/ports.ts";
import { LIMIT_MS, waitFor } from "../support/wait.ts";
import { PyzmqSocket } from "./pyzmq.ts";

const LIMIT = { timeoutMs: LIMIT_MS };

interface Pattern<T extends ZmtpSocket> {
  ours: () => T;
  theirs: "SUB" | "PUB" | "PULL" | "PUSH" | "REP" | "REQ";
  /** Takes `text` across, by this pair of sockets. */
  exchange(ours: T, theirs: PyzmqSocket, text: string): Promise<void>;
}

const first = (message: unknown) => (Array.isArray(message) ? String(message[0]) : "");

async function sentUntilReceived(ours: Subscriber | Pull, theirs: PyzmqSocket, text: string): Promise<void> {
  await waitFor(text, async () => {
    await theirs.send(text);
    for (let message = ours.tryReceive(); message; message = ours.tryReceive()) {
      if (String(message[0]) === text) return true;
    }
    return false;
  });
}

const PATTERNS = {
  "PUB to its SUB": pattern({
    ours: () => new Publisher(),
    theirs: "SUB",
    async exchange(pub, sub, text) {
      let heard = "";
      const hearing = (async () => {
        while (heard !== text) heard = first(await sub.receive());
      })();
      // What is sent before it has subscribed is lost.
      await waitFor(text, async () => {
        await pub.send(text);
        return heard === text;
      });
      await hearing;
    },
  }),
  "SUB from its PUB": pattern({
    ours: () => new Subscriber({ subscribe: [""] }),
    theirs: "PUB",
    exchange: sentUntilReceived,
  }),
  "PUSH to its PULL": pattern({
    ours: () => new Push(),
    theirs: "PULL",
    async exchange(push, pull, text) {
      await push.send(text);
      expect(await pull.receive()).toEqual([text]);
    },
  }),
  "PULL from its PUSH": pattern({
    ours: () => new Pull(),
    theirs: "PUSH",
    // libzmq loses what it gives to a peer whose end it has not seen yet.
    exchange: sentUntilReceived,
  }),
  "REQ to its REP": pattern({
    ours: () => new Request(),
    theirs: "REP",
    async exchange(req, rep, text) {
      const answer = req.request(text);
      expect(await rep.receive()).toEqual([text]);
      await rep.send(`answer to ${text}`);
      expect((await answer).map(String)).toEqual([`answer to ${text}`]);
    },
  }),
  "REP from its REQ": pattern({
    ours: () => new Reply(),
    theirs: "REQ",
    async exchange(rep, req, text) {
      await req.send(text);
      expect((await rep.receive(LIMIT)).map(String)).toEqual([text]);
      await rep.send(`answer to ${text}`);
      expect(await req.receive()).toEqual([`answer to ${text}`]);
    },
  }),
};

function pattern<T extends ZmtpSocket>({ ours: make, theirs: role, exchange }: Pattern<T>) {
  return async (binder: "we" | "they", restarted: "we" | "they") => {
    const address = `tcp://127.0.0.1:${await freePort()}`;
    const sides = {
      async we() {
        const socket = make();
        if (binder === "we") await socket.bind(address);
        else socket.connect(address);
        return socket;
      },
      async they() {
        const socket = new PyzmqSocket(role);
        if (role === "SUB") await socket.subscribe("");
        await (binder === "they" ? socket.bind(address) : socket.connect(address));
        return socket;
      },
    };
    if (restarted === "they") {
      await using ours = await sides.we();
      for (const life of ["one", "two", "three"]) {
        await using theirs = await sides.they();
        await ours.whenConnected(LIMIT);
        await exchange(ours, theirs, life);
        // It is killed: there are no last words.
        theirs.signal("SIGKILL");
        await waitFor("its end to be seen", () => ours.peers === 0);
      }
      return;
    }
    await using theirs = await sides.they();
    for (const life of ["one", "two", "three"]) {
      await using ours = await sides.we();
      await ours.whenConnected(LIMIT);
      await exchange(ours, theirs, life);
    }
  };
}

for (const [name, run] of Object.entries(PATTERNS)) {
  for (const binder of ["we", "they"] as const) {
    for (const restarted of ["they", "we"] as const) {
      const who = restarted === "we" ? "our side" : "pyzmq, killed,";
      test(`${name}, where ${binder} bind: ${who} comes back twice`, () => run(binder, restarted));
    }
  }
}
