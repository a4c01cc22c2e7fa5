// Following values of a broker that is not right about how much it holds.
import { expect, test } from "bun:test";
import { type StoredValue, ValueFollower } from "../../src/settings/index.ts";
import { waitFor } from "../support/wait.ts";
import { WrongBroker } from "../support/wrong-broker.ts";

test("all is told when the broker has nothing more, though it announced more; then each change", async () => {
  const broker = new WrongBroker(3);
  const told: string[] = [];
  const follower = new ValueFollower({
    subject: "svc.status.>",
    stream: async () => ({ ok: true, name: "svc_status" }),
    onAll: (values: readonly StoredValue[]) => void told.push(`all ${values.map(({ seq }) => seq).join(",")}`),
    onChange: ({ seq }) => void told.push(`change ${seq}`),
    onFault: (message) => void told.push(message),
  });
  follower.use(broker.connection);
  await waitFor("the consumer", () => broker.asked.length === 1);
  broker.tell(7);
  broker.idle(true);
  expect(told).toEqual([]);
  broker.idle();
  expect(told).toEqual(["all 7"]);
  broker.tell(8, 2);
  broker.idle();
  expect(told).toEqual(["all 7", "change 8"]);
  follower.stop();
});
