import { expect, test } from "bun:test";
import type { Socket } from "node:net";
import { probeNats } from "../../src/broker/probe.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { listen } from "./fixtures/listener.ts";

test("a NATS server tells who it is", async () => {
  await using broker = await startNats();
  const probe = await probeNats("127.0.0.1", broker.port);
  expect(probe).toMatchObject({ kind: "nats", jetstream: true });
  if (probe.kind === "nats") expect(probe.serverId).toMatch(/^N[A-Z2-7]{55}$/);
});

test("a NATS server without JetStream is told apart", async () => {
  await using broker = await startNats({ jetstream: false });
  expect(await probeNats("127.0.0.1", broker.port)).toMatchObject({ kind: "nats", jetstream: false });
});

test("a port nobody listens on has none, at once", async () => {
  const started = performance.now();
  expect(await probeNats("127.0.0.1", await freePort(), 10_000)).toEqual({ kind: "none" });
  expect(performance.now() - started).toBeLessThan(5000);
});

const talkers: [string, (socket: Socket) => void][] = [
  ["says something else", (socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n")],
  ["hangs up", (socket) => socket.destroy()],
  ["says INFO and no JSON", (socket) => socket.write("INFO hello\r\n")],
  ["says INFO and JSON that is no object", (socket) => socket.write("INFO 7\r\n")],
  ["talks without an end of line", (socket) => socket.write("x".repeat(100_000))],
  ["says nothing", () => undefined],
];
test.each(talkers)("a program that %s is another program", async (_, talk) => {
  await using other = await listen(talk);
  expect(await probeNats("127.0.0.1", other.port, 200)).toEqual({ kind: "other" });
});

test("an INFO line that comes in pieces is put together", async () => {
  await using slow = await listen((socket) => {
    socket.write('INFO {"server_id":"N1",');
    setTimeout(() => socket.write('"jetstream":true}\r\n'), 20);
  });
  expect(await probeNats("127.0.0.1", slow.port)).toMatchObject({ kind: "nats", serverId: "N1", jetstream: true });
});
