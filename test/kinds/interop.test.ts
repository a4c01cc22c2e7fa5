// With real pyzmq peers, in the forms of Experimance.
import { expect, test } from "bun:test";
import { startForTest } from "../../src/service/testing.ts";
import { freePort } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";
import { PyzmqSocket } from "../zmtp/pyzmq.ts";
import { Controller, Doer, Giver, Listener, Speaker, Worker } from "./support.ts";

const ANY = "tcp://127.0.0.1:*";
const free = async () => `tcp://127.0.0.1:${await freePort()}`;

test("our publisher, a Python subscriber: heartbeat and messages in one frame each", async () => {
  await using speaker = await startForTest(Speaker, {
    transport: "zmq",
    pub_address: ANY,
    heartbeat_topic: "mypub.heartbeat",
    heartbeat_interval: 0.05,
  });
  await using sub = new PyzmqSocket("SUB");
  await sub.subscribe("mypub.heartbeat");
  await sub.connect(speaker.service.addresses.pub?.[0] ?? "");
  const [frame, ...more] = (await sub.receive()) as string[];
  expect(more).toEqual([]);
  expect(frame).toMatch(
    /^mypub\.heartbeat \{"type":"Heartbeat","timestamp":[\d.]+,"service":"speaker","state":"running"\}$/,
  );
});

test("a Python publisher, our subscriber: by whole topics", async () => {
  const address = await free();
  await using pub = new PyzmqSocket("PUB");
  await pub.bind(address);
  await using listener = await startForTest(Listener, {
    transport: "zmq",
    sub_address: address,
    topics: ["state", "x.*"],
  });
  await waitFor("the messages", async () => {
    await pub.send('statement {"n": 0}');
    await pub.send('state {"n": 1}');
    await pub.send('x.y.z {"n": 2}');
    await pub.send('x.y {"n": 3, "text": "two words"}');
    return listener.service.heard.length >= 2;
  });
  const topics = new Set(listener.service.heard.map(([topic]) => topic));
  expect(topics).toEqual(new Set(["state", "x.y"]));
  expect(listener.service.heard.find(([topic]) => topic === "x.y")?.[1]).toEqual({ n: 3, text: "two words" });
});

test("a Python controller: our worker takes its task, and pushes the result with the task's id", async () => {
  const [tasks, results] = [await free(), await free()];
  await using push = new PyzmqSocket("PUSH");
  await using pull = new PyzmqSocket("PULL");
  await push.bind(tasks);
  await pull.bind(results);
  await using worker = await startForTest(Worker, { transport: "zmq", pull_address: tasks, push_address: results });
  await push.send('{"type": "Task", "task_id": "123", "number": 5}');
  expect(await pull.receive()).toEqual(['{"type":"Result","square":25,"task_id":"123"}']);
  await push.send("rubbish");
  await worker.logged("expected a JSON object");
  await push.send('{"task_id": "124", "do": "fail"}');
  expect(JSON.parse(((await pull.receive()) as string[])[0] ?? "")).toEqual({
    type: "TaskFailed",
    task_id: "124",
    error: "it cannot be done",
    attempts: 1,
    service: "worker.main",
  });
});

test("a Python worker: our controller's tasks reach it, and its results the controller", async () => {
  await using controller = await startForTest(Controller, {
    transport: "zmq",
    pub_address: ANY,
    push_address: ANY,
    pull_address: ANY,
  });
  const { push, pull } = controller.service.addresses;
  await using tasks = new PyzmqSocket("PULL");
  await using results = new PyzmqSocket("PUSH");
  await tasks.connect(push?.[0] ?? "");
  await results.connect(pull?.[0] ?? "");
  const id = await controller.service.pushTask({ type: "Task", payload: "do_something" });
  const [frame = ""] = (await tasks.receive()) as string[];
  expect(JSON.parse(frame)).toEqual({ type: "Task", payload: "do_something", task_id: id });
  await results.send(JSON.stringify({ type: "Result", task_id: id, ok: true }));
  await waitFor("the result", () => controller.service.responses.length > 0);
  expect(controller.service.responses[0]).toMatchObject([{ type: "Result", ok: true }, { taskId: id }]);
});

test("a slow worker pushes back over ZeroMQ: the push waits, and all tasks are done in the end", async () => {
  await using giver = await startForTest(Giver, { transport: "zmq", push_address: ANY, queue_limit: 4 });
  await using doer = await startForTest(Doer, { transport: "zmq", pull_address: giver.service.addresses.push?.[0] });
  // Larger than what the kernel keeps between the two.
  const load = "x".repeat(1_000_000);
  const count = 60;
  const pushes: Promise<string>[] = [];
  for (let number = 0; number < count; number++) {
    pushes.push(giver.service.pushTask({ task_id: String(number), do: "wait", load }));
    pushes.at(-1)?.catch(() => undefined);
    if (number === 3) await waitFor("the worker", () => doer.service.activeTasks === 1);
    if (giver.service.waitingTasks >= 4) break;
  }
  expect(pushes.length).toBeLessThan(count);
  expect(doer.service.begun).toHaveLength(1);
  doer.service.gate.resolve();
  await Promise.all(pushes);
  await waitFor("all of them", () => doer.service.done.length === pushes.length);
});

test("a stop in the middle finishes the tasks that have come, over ZeroMQ too", async () => {
  const address = await free();
  await using push = new PyzmqSocket("PUSH");
  await push.bind(address);
  await using doer = await startForTest(Doer, { transport: "zmq", pull_address: address, concurrency: 2 });
  for (let number = 0; number < 4; number++) await push.send(`{"number": ${number}, "do": "wait"}`);
  await waitFor("two at work", () => doer.service.activeTasks === 2);
  const stopped = doer.stop();
  doer.service.gate.resolve();
  expect(await stopped).toMatchObject({ code: 0 });
  expect(doer.service.done.length).toBe(doer.service.begun.length);
  expect(doer.service.done.length).toBeGreaterThanOrEqual(2);
});

test("tasks that cannot be finished before the stop are told and counted as lost, over ZeroMQ", async () => {
  const address = await free();
  await using push = new PyzmqSocket("PUSH");
  await push.bind(address);
  await using doer = await startForTest(Doer, {
    transport: "zmq",
    pull_address: address,
    finish_sec: 0.1,
    concurrency: 2,
  });
  await push.send('{"do": "wait"}');
  await push.send('{"do": "wait"}');
  await waitFor("both at work", () => doer.service.activeTasks === 2);
  await doer.stop();
  expect(doer.logs.map(({ message }) => message)).toContain("2 tasks could not be finished before the stop");
  expect(doer.service.messageCounts).toMatchObject({ received: 2, lost: 2 });
  expect(doer.service.begun[0]?.[1].signal.aborted).toBe(true);
});
