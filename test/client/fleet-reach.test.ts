// Asking launchers what they have.
import { expect, test } from "bun:test";
import { connect } from "nats";
import { reachLaunchers } from "../../src/client/index.ts";
import { MetaSource } from "../../src/messaging/envelope.ts";
import { encodeRefusal } from "../../src/messaging/rpc.ts";
import { startNats } from "../support/nats.ts";
import { FakeFleet, LAUNCHER } from "./fleet.ts";

test.each([
  ["refuses to answer", encodeRefusal(new MetaSource("launcher"), "busy: 2000 requests are being answered")],
  ["answers what nobody can read", new TextEncoder().encode("hello")],
])("a launcher that %s is there, and keeps nobody from the others", async (_, answer) => {
  await using broker = await startNats({ jetstream: false });
  const connection = await connect({ servers: broker.url });
  connection.subscribe(`svc.rpc.${LAUNCHER}.v1.list`, { callback: (_, message) => void message.respond(answer) });
  await connection.flush();
  const infos = [new FakeFleet().launcher().info(LAUNCHER)];
  const reached = await reachLaunchers(connection, infos, "svc");
  expect(reached).toMatchObject([{ name: LAUNCHER, reach: "silent", services: [] }]);
  await connection.close();
});
