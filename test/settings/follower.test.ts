// Following values: over outages and losses, and of a broker that is not right about how much it holds.
import { expect, test } from "bun:test";
import { connect } from "nats";
import { Bucket } from "../../src/messaging/bucket.ts";
import { type StoredValue, ValueFollower } from "../../src/settings/index.ts";
import { startNats } from "../support/nats.ts";
import { waitFor } from "../support/wait.ts";
import { WrongBroker } from "../support/wrong-broker.ts";

/** What is told of values at `broker`, as text. */
function follow(broker: WrongBroker) {
  const told: string[] = [];
  const follower = new ValueFollower({
    subject: "svc.status.>",
    stream: async () => ({ ok: true, name: "svc_status" }),
    onAll: (values: readonly StoredValue[]) => void told.push(`all ${values.map(({ seq }) => seq).join(",")}`),
    onChange: ({ seq }) => void told.push(`change ${seq}`),
    onFault: (message) => void told.push(message),
  });
  follower.use(broker.connection);
  return { told, [Symbol.dispose]: () => follower.stop() };
}

test("all is told when the broker has nothing more, though it announced more; then each change", async () => {
  const broker = new WrongBroker(3);
  using following = follow(broker);
  const { told } = following;
  await waitFor("the consumer", () => broker.asked.length === 1);
  broker.tell(7);
  broker.idle({ stalled: "$JS.FC.svc_status.consumer.x" });
  expect(told).toEqual([]);
  broker.idle();
  expect(told).toEqual(["all 7"]);
  broker.tell(8, 2);
  broker.idle();
  expect(told).toEqual(["all 7", "change 8"]);
});

test("all is read anew when a message was lost on the way", async () => {
  const broker = new WrongBroker(2);
  using following = follow(broker);
  const { told } = following;
  await waitFor("the consumer", () => broker.asked.length === 1);
  broker.tell(7, 1);
  broker.tell(9, 3);
  await waitFor("another consumer", () => broker.asked.length === 2);
  for (const [index, seq] of [7, 8].entries()) broker.tell(seq, index + 1);
  expect(told).toEqual(["all 7,8"]);
});

test("what a bucket holds is told again after an outage, when it is emptied, and when it is deleted", async () => {
  await using broker = await startNats();
  const connection = await connect({ servers: broker.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const { streams } = await connection.jetstreamManager();
  const bucket = new Bucket({ name: "things", description: "", connection: () => connection, limitMs: 2_000 });
  const told: string[] = [];
  const text = ({ data }: StoredValue) => new TextDecoder().decode(data);
  const follower = new ValueFollower({
    subject: bucket.subject(">"),
    stream: async () => {
      const made = await bucket.ensure();
      return made.ok ? { ok: true, name: bucket.stream } : made;
    },
    onAll: (values) => void told.push(`all ${values.map(text).join(",")}`),
    onChange: (value) => void told.push(text(value)),
    onFault: () => undefined,
  });
  const last = (what: string) => waitFor(what, () => told.at(-1) === what);
  follower.use(connection);
  await last("all ");
  await bucket.write("a", "1", 0);
  await bucket.write("b", "2", 0);
  await last("2");

  await broker.kill();
  await broker.start();
  await waitFor("the connection", () => connection.flush().then(() => true));
  follower.use(connection);
  await last("all 1,2");

  await streams.purge(bucket.stream, { filter: bucket.subject("a") });
  await last("all 2");
  await streams.delete(bucket.stream);
  await last("all ");
  follower.stop();
  await connection.close();
});
