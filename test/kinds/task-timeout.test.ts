// A time limit for tasks, on both transports.
import { expect, test } from "bun:test";
import { startForTest } from "../../src/service/testing.ts";
import { waitFor } from "../support/wait.ts";
import { brokerForServices, Controller, Doer, Giver, Worker } from "./support.ts";

const LATE = "it has taken longer than task_timeout (0.05 s)";

test("a task that takes too long has failed: it comes again, its signal is aborted, and the next ones are done", async () => {
  await using _broker = await brokerForServices();
  await using giver = await startForTest(Giver, { push_address: "tasks" });
  await using doer = await startForTest(Doer, {
    pull_address: "tasks",
    task_timeout: 0.05,
    retry_sec: 0.01,
    max_deliver: 2,
  });
  await giver.service.pushTask({ task_id: "hangs", do: "wait" });
  await giver.service.pushTask({ task_id: "quick" });
  await doer.logged(`task hangs has failed for good: ${LATE}`);
  await waitFor("the other", () => doer.service.done.length === 1);
  const hung = doer.service.begun.filter(([{ task_id }]) => task_id === "hangs").map(([, info]) => info);
  expect(hung.map(({ attempt, signal }) => [attempt, signal.aborted])).toEqual([
    [1, true],
    [2, true],
  ]);
  const [quick] = doer.service.begun.filter(([{ task_id }]) => task_id === "quick");
  expect(quick?.[1].signal.aborted).toBe(false);
  await waitFor("a free place", () => doer.service.activeTasks === 0);
});

test("the result of a task that was too late is not pushed: its controller is told of the failure, over ZeroMQ too", async () => {
  const LOOPBACK = "tcp://127.0.0.1:*";
  await using controller = await startForTest(Controller, {
    transport: "zmq",
    pub_address: LOOPBACK,
    push_address: LOOPBACK,
    pull_address: LOOPBACK,
  });
  const gate = Promise.withResolvers<void>();
  const late = Promise.withResolvers<void>();
  class Slow extends Worker {
    override async handleTask(task: Record<string, unknown>) {
      if (task.task_id === "slow") {
        await gate.promise;
        queueMicrotask(() => queueMicrotask(late.resolve));
      }
      return { type: "Result", square: 0 };
    }
  }
  const { push: [pull_address] = [], pull: [push_address] = [] } = controller.service.addresses;
  await using _worker = await startForTest(Slow, { transport: "zmq", pull_address, push_address, task_timeout: 0.05 });
  await controller.service.pushTask({ task_id: "slow" });
  await waitFor("the failure", () => controller.service.failures.length === 1);
  expect(controller.service.failures).toMatchObject([{ task_id: "slow", error: LATE }]);
  gate.resolve();
  await late.promise;
  await controller.service.pushTask({ task_id: "next" });
  await waitFor("the next", () => controller.service.responses.length === 1);
  expect(controller.service.responses.map(([, { taskId }]) => taskId)).toEqual(["next"]);
});
