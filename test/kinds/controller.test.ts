// A controller and its workers, on each transport.
import { describe, expect, test } from "bun:test";
import { startForTest } from "../../src/service/testing.ts";
import { waitFor } from "../support/wait.ts";
import { brokerForServices, Controller, Worker } from "./support.ts";

const TASKS = 300;

const NATS = {
  controller: { transport: "nats", push_address: "tasks.squares", pull_address: "results.squares" },
  worker: () => ({ transport: "nats", pull_address: "tasks.squares", push_address: "results.squares" }),
};
const LOOPBACK = "tcp://127.0.0.1:*";
const ZMQ = {
  controller: { transport: "zmq", pub_address: LOOPBACK, push_address: LOOPBACK, pull_address: LOOPBACK },
  worker: ({ addresses }: Controller) => ({
    transport: "zmq",
    sub_address: addresses.pub?.[0],
    pull_address: addresses.push?.[0],
    push_address: addresses.pull?.[0],
  }),
};
const HOMES: [
  string,
  { controller: Record<string, unknown>; worker: (from: Controller) => Record<string, unknown> },
][] = [
  ["nats", NATS],
  [
    "nats, core queue group",
    {
      controller: { ...NATS.controller, queue: "core" },
      worker: () => ({ ...NATS.worker(), queue: "core" }),
    },
  ],
  ["zmq", ZMQ],
];

describe.each(HOMES)("over %s", (_, { controller: fields, worker }) => {
  test("each task is done by one of three workers, and each result comes back with the id of its task", async () => {
    await using _broker = await brokerForServices();
    await using controller = await startForTest(Controller, { ...fields, concurrency: 50 });
    const row = worker(controller.service);
    await using one = await startForTest(Worker, { variant: "one", ...row });
    await using two = await startForTest(Worker, { variant: "two", ...row });
    await using three = await startForTest(Worker, { variant: "three", ...row });
    await allAtWork(controller.service, [one, two, three]);
    const expected = new Map<string, number>();
    const pushes = Array.from({ length: TASKS }, async (_, number) => {
      expected.set(await controller.service.pushTask({ type: "Task", number }), number ** 2);
    });
    await Promise.all(pushes);
    const ofThese = () => controller.service.responses.filter(([{ task_id: id }]) => expected.has(String(id)));
    await waitFor("all results", () => ofThese().length >= TASKS);
    const responses = ofThese();

    expect(expected.size).toBe(TASKS);
    expect(new Map(responses.map(([response, { taskId }]) => [String(taskId), response.square]))).toEqual(expected);
    expect(responses.map(([response]) => response.task_id)).toEqual(responses.map(([, { taskId }]) => taskId));
    const shares = [one, two, three].map(({ service }) => doneOf(service, expected));
    expect(shares.reduce((sum, share) => sum + share)).toBe(TASKS);
    expect(Math.min(...shares)).toBeGreaterThan(0);
    expect(controller.service.messageCounts).toMatchObject({ failed: 0, lost: 0 });
  });

  test("a controller's message reaches all workers, and a task's own id is kept", async () => {
    await using _broker = await brokerForServices();
    await using controller = await startForTest(Controller, fields);
    const row = { ...worker(controller.service), topics: ["command"] };
    await using one = await startForTest(Worker, { variant: "one", ...row });
    await using two = await startForTest(Worker, { variant: "two", ...row });
    await waitFor("the message at both", async () => {
      // Who has not subscribed yet does not get it.
      await controller.service.publishMessage("command", { type: "Command", action: "park" });
      await controller.service.publishMessage("commander", { type: "Command", action: "nothing" });
      return one.service.heard.length > 0 && two.service.heard.length > 0;
    });
    expect(one.service.heard[0]).toEqual(["command", { type: "Command", action: "park" }]);
    expect(new Set([...one.service.heard, ...two.service.heard].map(([topic]) => topic))).toEqual(new Set(["command"]));
    expect(await controller.service.pushTask({ task_id: "123", number: 3 })).toBe("123");
    await waitFor("its result", () => controller.service.responses.length > 0);
    expect(controller.service.responses[0]?.[0]).toEqual({ type: "Result", square: 9, task_id: "123" });
  });

  test("the controller is told of a task that has failed for good", async () => {
    await using _broker = await brokerForServices();
    await using controller = await startForTest(Controller, fields);
    const row = { ...worker(controller.service), max_deliver: 2, retry_sec: 0.01 };
    await using one = await startForTest(Worker, row);
    const id = await controller.service.pushTask({ do: "fail" });
    await waitFor("the failure", () => controller.service.failures.length > 0);
    expect(controller.service.failures).toEqual([
      {
        type: "TaskFailed",
        task_id: id,
        error: "it cannot be done",
        attempts: fields.transport === "nats" && fields.queue !== "core" ? 2 : 1,
        service: one.service.id,
      },
    ]);
    expect(controller.service.responses).toEqual([]);
  });
});

/** Pushes tasks until each worker has done one: who is not connected yet gets none. */
async function allAtWork(controller: Controller, workers: { service: Worker }[]): Promise<void> {
  await waitFor("all workers at work", async () => {
    await controller.pushTask({ number: 0 });
    return workers.every(({ service }) => service.done.length > 0);
  });
}

function doneOf({ done }: Worker, ids: Map<string, number>): number {
  return done.filter(({ task_id: id }) => ids.has(String(id))).length;
}
