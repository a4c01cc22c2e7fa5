import { expect, test } from "bun:test";
import { feelPulse } from "../../src/broker/hang.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { listen } from "./fixtures/listener.ts";

test("a server whose JetStream answers has a pulse", async () => {
  await using broker = await startNats();
  expect(await feelPulse("127.0.0.1", broker.port)).toBe("answers");
});

test("one that takes connections, and is silent about its streams, has none", async () => {
  await using server = await listen((socket) => {
    socket.write('INFO {"server_name":"x","jetstream":true}\r\n');
    socket.on("data", () => socket.write("PING\r\n"));
  });
  expect(await feelPulse("127.0.0.1", server.port, 200)).toBe("silent");
});

test("one that says nothing at all has none", async () => {
  await using server = await listen(() => undefined);
  expect(await feelPulse("127.0.0.1", server.port, 200)).toBe("silent");
});

test("where nothing listens there is nothing to feel", async () => {
  expect(await feelPulse("127.0.0.1", await freePort())).toBe("none");
});
