// What the log says of the connections of ZeroMQ.
import { expect, test } from "bun:test";
import { connect } from "node:net";
import { startForTest } from "../../src/service/testing.ts";
import { freePort } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";
import { Doer, Speaker } from "./support.ts";

test("rubbish from strangers is told once, however many there are and whatever they send", async () => {
  await using speaker = await startForTest(Speaker, { transport: "zmq", pub_address: "tcp://127.0.0.1:*" });
  const [address = ""] = speaker.service.addresses.pub ?? [];
  const strangers = Array.from({ length: 20 }, async (_, nth) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = connect(Number(address.split(":").at(-1)), "127.0.0.1", () =>
      socket.write(`GET /${nth} HTTP/1.0\r\n`),
    );
    socket.on("error", () => undefined); // it is thrown out
    socket.on("close", () => resolve());
    socket.resume();
    await promise;
  });
  await Promise.all(strangers);
  const told = speaker.logs.filter(({ level }) => level === "warning");
  expect(told.map(({ message }) => message)).toEqual([
    expect.stringContaining(`zmq: ${address}: what is there does not speak ZMTP: it began with "GET /`),
  ]);
});

test("an address where nobody listens yet is told once, and named once", async () => {
  const address = `tcp://127.0.0.1:${await freePort()}`;
  await using doer = await startForTest(Doer, { transport: "zmq", pull_address: address });
  await doer.logged("nobody listens there");
  const told = () => doer.logs.filter(({ message }) => message.startsWith("zmq: "));
  await waitFor("it to be told", () => told().length === 1);
  expect(told()[0]?.message).toBe(`zmq: ${address}: cannot connect: nobody listens there; it is tried again`);
});
