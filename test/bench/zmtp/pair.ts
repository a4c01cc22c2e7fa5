// Two processes that talk ZeroMQ to each other, and what the second measured.

import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { freePort } from "../../support/ports.ts";
import { within } from "../../support/wait.ts";

/** Whose sockets. */
export type Maker = "ours" | "pyzmq";

const LIMIT_MS = 300_000;
const COMMANDS: Record<Maker, string[]> = {
  ours: [process.execPath, join(import.meta.dir, "peer.ts")],
  pyzmq: ["/usr/bin/python3", join(import.meta.dir, "peer.py")],
};

function start(maker: Maker, role: string, args: readonly string[]) {
  return Bun.spawn([...COMMANDS[maker], role, ...args], { stdio: ["pipe", "pipe", "inherit"] });
}

/** @returns what the taking side says last: seconds from the first message to the last, or the times of requests */
export async function measurePair(
  maker: Maker,
  roles: [string, string],
  size: number,
  count: number,
): Promise<unknown> {
  const args = [`tcp://127.0.0.1:${await freePort()}`, String(size), String(count)];
  const giver = start(maker, roles[0], args);
  const taker = start(maker, roles[1], args);
  try {
    return await within(`${maker} ${roles.join(" to ")}`, lastWord(giver.stdin, taker.stdout), LIMIT_MS);
  } finally {
    for (const { pid } of [giver, taker]) process.kill(pid, "SIGKILL");
    await Promise.all([giver.exited, taker.exited]);
  }
}

async function lastWord(giver: Bun.FileSink, taker: ReadableStream): Promise<unknown> {
  // The two kinds of streams are the same at run time.
  const lines = createInterface({ input: Readable.fromWeb(taker as Parameters<typeof Readable.fromWeb>[0]) });
  for await (const line of lines) {
    const word: unknown = JSON.parse(line);
    if (word !== "probed") return word;
    giver.write("\n");
    await giver.flush();
  }
  throw new Error("the taking side has ended without a word");
}
