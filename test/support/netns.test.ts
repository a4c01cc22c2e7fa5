import { expect, test } from "bun:test";
import { canOwnNetwork, ownNetwork } from "./netns.ts";

async function answers(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
    socket.terminate();
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!canOwnNetwork)("a test's own network has its own loopback, for it and for what it starts", async () => {
  using outside = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  {
    using _network = ownNetwork();
    expect(await answers(outside.port)).toBe(false);
    using inside = Bun.listen({ hostname: "127.0.0.1", port: outside.port, socket: { data() {} } });
    expect(await answers(inside.port)).toBe(true);
    const child = Bun.spawn(["cat", "/proc/self/net/tcp"]);
    const listening = (await child.stdout.text()).split("\n").filter((line) => line.includes("0100007F:"));
    expect(listening.length).toBe(1);
  }
  expect(await answers(outside.port)).toBe(true);
});
