// Reading a stream as it goes on.
import { expect, test } from "bun:test";
import { connect } from "nats";
import { openConsumer, placeOf } from "../../src/messaging/consumer.ts";
import { readToEnd } from "../../src/messaging/read-to-end.ts";
import { startNats } from "../support/nats.ts";
import { waitFor } from "../support/wait.ts";
import { WrongBroker } from "../support/wrong-broker.ts";

test.each(["close", "drain"] as const)("over a connection after %s() it is a fault, not an error", async (end) => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url });
  const ended = connection[end]();
  const events = { message: () => undefined, lost: () => undefined };
  const answer = await openConsumer(connection, "svc_registry", "svc.registry.>", { deliver_policy: "all" }, events);
  expect(answer).toMatchObject({ ok: false, reason: "disconnected" });
  await ended;
});

test.each(["close", "drain"] as const)(
  "one that is stopped after %s() of its connection is silent about it",
  async (end) => {
    await using broker = await startNats();
    const connection = await connect({ servers: broker.url });
    const { streams } = await connection.jetstreamManager();
    await streams.add({ name: "svc_registry", subjects: ["svc.registry.>"] });
    const events = { message: () => undefined, lost: () => undefined };
    const consumer = await openConsumer(
      connection,
      "svc_registry",
      "svc.registry.>",
      { deliver_policy: "all" },
      events,
    );
    if (!consumer.ok) throw new Error(consumer.message);
    const ended = connection[end]();
    // Whatever part of it is done.
    do {
      expect(() => consumer.stop()).not.toThrow();
      await new Promise(setImmediate);
    } while (!connection.isClosed());
    await ended;
  },
);

/** What a consumer at `broker` is told, as text. */
async function listen(broker: WrongBroker): Promise<string[]> {
  const told: string[] = [];
  const consumer = await openConsumer(
    broker.connection,
    "svc_status",
    "svc.status.>",
    { deliver_policy: "all" },
    {
      message: (_, __, { seq }) => void told.push(`${seq}`),
      caughtUp: () => void told.push("all"),
      lost: () => void told.push("lost"),
    },
  );
  expect(consumer).toMatchObject({ ok: true, pending: broker.announced });
  return told;
}

test("that a message was lost on the way is told, and nothing after it", async () => {
  const broker = new WrongBroker(5);
  const told = await listen(broker);
  broker.tell(1, 1);
  broker.tell(3, 3);
  broker.tell(4, 4);
  expect(told).toEqual(["1", "lost"]);
});

test("that the last message was lost is told when the broker says how many it has sent", async () => {
  const broker = new WrongBroker(5);
  const told = await listen(broker);
  broker.tell(1, 1);
  broker.idle({ sent: 1 });
  broker.idle({ sent: 2 });
  broker.tell(3, 3);
  expect(told).toEqual(["1", "all", "lost"]);
});

test("a broker that waits in vain to hear whether we keep up is told when it says so", async () => {
  const broker = new WrongBroker(5);
  const told = await listen(broker);
  broker.tell(1, 1);
  broker.idle({ stalled: "$JS.FC.svc_status.consumer.x", sent: 1 });
  expect(broker.published).toEqual(["$JS.FC.svc_status.consumer.x"]);
  expect(told).toEqual(["1"]);
});

test("a reading of which something was lost on the way has failed", async () => {
  const broker = new WrongBroker(3);
  const reading = readToEnd(broker.connection, "svc_status", "svc.status.>", { deliver_policy: "all" }, () => {});
  await waitFor("the consumer", () => broker.asked.length === 1);
  broker.tell(1, 1);
  broker.tell(3, 3);
  expect(await reading).toMatchObject({ ok: false, reason: "disconnected" });
});

test.each([
  ["$JS.ACK.night.x7K.1.41.7.1763726401234567890.12", 12],
  ["$JS.ACK.night-2.a9.1.41.7.1763726401234567890.0", 0],
  ["$JS.ACK.dome.aB12.night.x7K.1.41.7.1763726401234567890.12", 12],
  ["$JS.ACK._.aB12.night.x7K.1.41.7.1763726401234567890.12.rand0m", 12],
])("the place of a message is read from %s", (reply, pending) => {
  const { time, ...place } = placeOf(reply) ?? { time: 0 };
  expect(place).toEqual({ seq: 41, nth: 7, pending });
  expect(Math.abs(time - 1_763_726_401_234.567_9)).toBeLessThan(0.001);
});

test("what is no acknowledgement subject of a stream is no place", () => {
  expect(placeOf(undefined)).toBeUndefined();
  expect(placeOf("")).toBeUndefined();
  expect(placeOf("_INBOX.abc.1")).toBeUndefined();
});
