// Heartbeats and the broker's comings and goings.
import { expect, test } from "bun:test";
import { startNats } from "../support/nats.ts";
import { waitFor } from "../support/wait.ts";
import { messengerTo, stored } from "./support.ts";

const beats = async (url: string) => (await stored(url, "svc_heartbeat")).map(({ subject, data }) => [subject, data.n]);

test("the beat before the connection is there is sent, and stored, as soon as it is", async () => {
  await using broker = await startNats();
  await using messenger = messengerTo(broker.url);
  messenger.beat("svc.heartbeat.a.b", { n: 0 });
  messenger.beat("svc.heartbeat.a.c", { n: 1 });
  await messenger.open();
  await messenger.connection?.flush();
  expect(await beats(broker.url)).toEqual([
    ["svc.heartbeat.a.b", 0],
    ["svc.heartbeat.a.c", 1],
  ]);
});

test("of the beats during an outage only the latest of each service is sent", async () => {
  await using broker = await startNats();
  await using messenger = messengerTo(broker.url);
  await messenger.open();
  await broker.kill();
  await waitFor("the outage to be noticed", () => messenger.state === "disconnected");
  for (let n = 0; n < 100; n++) messenger.beat("svc.heartbeat.a.b", { n });
  messenger.beat("svc.heartbeat.a.c", { n: 100 });
  await broker.start();
  const arrived = await waitFor("the beats", async () => {
    const found = await beats(broker.url);
    return found.length >= 2 && found;
  });
  expect(arrived).toEqual([
    ["svc.heartbeat.a.b", 99],
    ["svc.heartbeat.a.c", 100],
  ]);
});
