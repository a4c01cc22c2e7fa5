import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { retryDelayMs } from "../../src/messaging/link.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";
import { messengerTo } from "./support.ts";

test("the pause between attempts is short at first, never over half a second, and has jitter", () => {
  expect(retryDelayMs(0, 0)).toBe(15);
  expect(retryDelayMs(0, 1)).toBe(25);
  expect(retryDelayMs(800, 0.5)).toBe(200);
  for (const elapsed of [2_000, 60_000, 1e9]) {
    expect(retryDelayMs(elapsed, 0)).toBe(300);
    expect(retryDelayMs(elapsed, 1)).toBe(500);
  }
});

test("attempts go on for ever without using up file descriptors", async () => {
  const port = await freePort();
  await using messenger = messengerTo(`nats://127.0.0.1:${port}`);
  await messenger.open();
  const openFiles = () => readdirSync("/proc/self/fd").length;
  const before = openFiles();
  // Some ten attempts.
  await Bun.sleep(2_000);
  expect(openFiles()).toBeLessThanOrEqual(before + 2);
  await using broker = await startNats({ port });
  await waitFor("the connection", () => messenger.state === "connected");
  expect(broker.port).toBe(port);
});

test("an address that takes calls and stays silent does not use up file descriptors", async () => {
  using silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  let accepted = 0;
  let open = 0;
  silent.reload({
    socket: {
      data: () => undefined,
      open() {
        accepted += 1;
        open += 1;
      },
      close() {
        open -= 1;
      },
    },
  });
  await using messenger = messengerTo(`nats://127.0.0.1:${silent.port}`);
  await messenger.open();
  await waitFor("a third attempt", () => accepted >= 3);
  expect(open).toBe(1);
}, 30_000);

test("a program that has closed its messenger ends by itself, also in the middle of an attempt", async () => {
  using silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const script = `
    const { Messenger } = await import(${JSON.stringify(`${import.meta.dir}/../../src/messaging/index.ts`)});
    const settings = { servers: ["nats://127.0.0.1:${silent.port}"], required: false, subjectPrefix: "svc", origin: "test" };
    const messenger = new Messenger({ settings, name: "test" });
    await messenger.open({ timeoutMs: 100 });
    await messenger.close();`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdio: ["ignore", "ignore", "inherit"] });
  const start = performance.now();
  expect(await child.exited).toBe(0);
  expect(performance.now() - start).toBeLessThan(8_000);
}, 30_000);
