// Following values of a broker that is not right about how much it holds.
import { expect, test } from "bun:test";
import { type StoredValue, ValueFollower } from "../../src/settings/index.ts";
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
  broker.idle(true);
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
