// A consumer that sends nothing although it is there, as brokers make them of a stream that is still being made.
import { expect, test } from "bun:test";
import { connect, type NatsConnection } from "nats";
import { startForTest } from "../../src/service/testing.ts";
import { openProxy } from "../support/proxy.ts";
import { LIMIT_MS, waitFor } from "../support/wait.ts";
import { brokerForServices, Doer, Giver } from "./support.ts";

const REQUEST = "$JS.API.CONSUMER.MSG.NEXT";
/** As long as `REQUEST`, so that it can stand in its place. */
const NOWHERE = "nowhere.CONSUMER.MSG.NEXT";

/** Between a worker and its broker: requests for tasks come to nothing, until the consumer was deleted. */
async function openMute(bare: NatsConnection, port: number) {
  let isMute = true;
  const seen = { requests: 0, deletions: 0 };
  // Somebody takes them: else the broker answers that nobody does.
  bare.subscribe("nowhere.>", { callback: () => void seen.requests++ });
  const proxy = await openProxy(port, (chunk) => {
    const text = chunk.toString("latin1");
    if (text.includes("$JS.API.CONSUMER.DELETE.")) {
      seen.deletions += 1;
      isMute = false;
    }
    return isMute ? Buffer.from(text.replaceAll(REQUEST, NOWHERE), "latin1") : chunk;
  });
  return { proxy, seen };
}

test("a consumer that nobody has got anything from is made anew", async () => {
  await using broker = await brokerForServices();
  const bare = await connect({ servers: broker.url });
  await using giver = await startForTest(Giver, { push_address: "tasks" });
  await giver.service.pushTask({ number: 1 });
  const { proxy, seen } = await openMute(bare, broker.port);
  await using _proxy = proxy;
  process.env.NATS_URL = proxy.url;
  await using doer = await startForTest(Doer, { pull_address: "tasks" });
  await waitFor("the task", () => doer.service.done.length === 1);
  expect(seen).toEqual({ requests: 1, deletions: 1 });
  await bare.close();
});

test("a consumer whose tasks are all taken is left alone, however long it says nothing", async () => {
  await using broker = await brokerForServices();
  const bare = await connect({ servers: broker.url });
  const manager = await bare.jetstreamManager();
  await manager.streams.add({ name: "work_tasks", subjects: ["tasks"], retention: "workqueue" as never });
  await manager.consumers.add("work_tasks", {
    durable_name: "workers_tasks",
    ack_policy: "explicit" as never,
    max_ack_pending: 1,
  });
  await using giver = await startForTest(Giver, { push_address: "tasks" });
  await giver.service.pushTask({ number: 1, do: "wait" });
  await giver.service.pushTask({ number: 2 });
  await using first = await startForTest(Doer, { pull_address: "tasks" });
  await waitFor("the first task", () => first.service.begun.length === 1);
  const { created } = await manager.consumers.info("work_tasks", "workers_tasks");
  await using second = await startForTest(Doer, { pull_address: "tasks" });
  await second.logged("no answer to the first request", LIMIT_MS);
  await waitFor(
    "its next request",
    async () => (await manager.consumers.info("work_tasks", "workers_tasks")).num_waiting > 0,
  );
  expect((await manager.consumers.info("work_tasks", "workers_tasks")).created).toBe(created);
  first.service.gate.resolve();
  await waitFor("both tasks", () => first.service.done.length + second.service.done.length === 2);
  expect(second.service.begun.filter(([task]) => task.number === 1)).toEqual([]);
  await bare.close();
});
