// Taking messages of a stream as there is room for them.
import { expect, test } from "bun:test";
import { openPullConsumer } from "../../src/messaging/pull-consumer.ts";
import { WrongBroker } from "../support/wrong-broker.ts";

/** Asks for messages at `broker`. @returns what is told, as text */
async function listen(broker: WrongBroker): Promise<string[]> {
  const told: string[] = [];
  const opened = await openPullConsumer(
    broker.connection,
    "svc_status",
    "svc.status.>",
    { deliver_policy: "all" },
    {
      message: (_, { seq }) => void told.push(`${seq}`),
      waiting: () => 0,
      ended: (why) => void told.push(why),
    },
  );
  if (!opened.ok) throw new Error(opened.message);
  opened.consumer.ask();
  return told;
}

test("it ends when a message was lost on the way, and nothing after that is told", async () => {
  const broker = new WrongBroker(5);
  const told = await listen(broker);
  broker.tell(1, 1);
  broker.tell(3, 3);
  broker.tell(4, 4);
  expect(told).toEqual(["1", "a message was lost on the way"]);
});

test("it ends when the last message was lost, and the broker says how many it has sent", async () => {
  const broker = new WrongBroker(5);
  const told = await listen(broker);
  broker.tell(1, 1);
  broker.idle({ sent: 1 });
  expect(told).toEqual(["1"]);
  broker.idle({ sent: 2 });
  expect(told).toEqual(["1", "a message was lost on the way"]);
});
