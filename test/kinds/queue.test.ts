// The work queue on a real broker: what becomes of tasks when workers die, fail, are slow or stop.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { connect, type NatsConnection } from "nats";
import { TaskNotTakenError } from "../../src/kinds/index.ts";
import { startForTest } from "../../src/service/testing.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";
import { brokerForServices, Controller, Doer, Giver, Worker } from "./support.ts";

const GIVER = { push_address: "tasks" };
const DOER = { pull_address: "tasks", retry_sec: 0.01 };

async function tasksLeft(bare: NatsConnection): Promise<number> {
  const manager = await bare.jetstreamManager();
  return (await manager.streams.info("work_tasks")).state.messages;
}

test("a task waits for the first worker, and is gone from the queue when it is done", async () => {
  await using broker = await brokerForServices();
  const bare = await connect({ servers: broker.url });
  await using giver = await startForTest(Giver, GIVER);
  await giver.service.pushTask({ task_id: "7", number: 1 });
  expect(await tasksLeft(bare)).toBe(1);
  await using doer = await startForTest(Doer, DOER);
  await waitFor("the task", () => doer.service.done.length === 1);
  expect(doer.service.begun).toMatchObject([
    [
      { task_id: "7", number: 1 },
      { taskId: "7", attempt: 1 },
    ],
  ]);
  await waitFor("an empty queue", async () => (await tasksLeft(bare)) === 0);
  await bare.close();
});

test("a task whose id is none gets one, and it is the one that the push tells", async () => {
  await using _broker = await brokerForServices();
  await using giver = await startForTest(Giver, GIVER);
  await using doer = await startForTest(Doer, DOER);
  const ids = [
    await giver.service.pushTask({ task_id: undefined }),
    await giver.service.pushTask({ task_id: null }),
    await giver.service.pushTask({ task_id: 7 }),
  ];
  await waitFor("all of them", () => doer.service.begun.length === 3);
  expect(doer.service.begun.map(([, { taskId }]) => taskId)).toEqual(ids);
  expect(doer.service.done.map(({ task_id }) => task_id)).toEqual([ids[0], ids[1], 7]);
});

test("a worker killed in the middle of a task: another does it", async () => {
  await using broker = await brokerForServices();
  await using giver = await startForTest(Giver, GIVER);
  await using victim = await startWorkerProcess(broker.url, "hang", { ack_wait: 1 });
  const id = await giver.service.pushTask({ number: 1 });
  await victim.said("begun");
  await using doer = await startForTest(Doer, DOER);
  // Held by the one that lives, however long it takes: it says that it is at it.
  await Bun.sleep(1_500);
  expect(doer.service.begun).toEqual([]);
  victim.kill();
  await waitFor("the task at the other", () => doer.service.done.length === 1);
  expect(doer.service.begun).toMatchObject([[{ task_id: id }, { attempt: 2 }]]);
});

test("a task that kills each worker is put away as dead after max_deliver", async () => {
  await using broker = await brokerForServices();
  const bare = await connect({ servers: broker.url });
  await using giver = await startForTest(Giver, GIVER);
  await giver.service.pushTask({ task_id: "poison" });
  for (let nth = 1; nth <= 2; nth++) {
    await using victim = await startWorkerProcess(broker.url, "die", { ack_wait: 0.2 });
    await within("its death", victim.exited);
  }
  await using doer = await startForTest(Doer, { ...DOER, max_deliver: 2 });
  await doer.logged("task poison has failed for good");
  expect(doer.service.begun).toEqual([]);
  await waitFor("an empty queue", async () => (await tasksLeft(bare)) === 0);
  expect(await deadTasks(bare)).toEqual([
    { task: { task_id: "poison" }, error: "begun too often and never finished", attempts: "2" },
  ]);
  await bare.close();
});

test("a task that fails comes again, with longer and longer pauses, and is dead after max_deliver", async () => {
  await using broker = await brokerForServices();
  const bare = await connect({ servers: broker.url });
  await using giver = await startForTest(Giver, GIVER);
  await using doer = await startForTest(Doer, { ...DOER, max_deliver: 3 });
  await giver.service.pushTask({ task_id: "1", do: "fail" });
  await giver.service.pushTask({ task_id: "2" });
  await waitFor("an empty queue", async () => (await tasksLeft(bare)) === 0);
  const attempts = doer.service.begun.filter(([task]) => task.task_id === "1").map(([, { attempt }]) => attempt);
  expect(attempts).toEqual([1, 2, 3]);
  expect(doer.service.done).toEqual([{ task_id: "2" }]);
  expect(await deadTasks(bare)).toEqual([
    { task: { task_id: "1", do: "fail" }, error: "it cannot be done", attempts: "3" },
  ]);
  await bare.close();
});

test("what is no task is put away as dead, and the next ones are done", async () => {
  await using broker = await brokerForServices();
  const bare = await connect({ servers: broker.url });
  await using giver = await startForTest(Giver, GIVER);
  await giver.service.pushTask({ number: 1 });
  await bare.jetstream().publish("tasks", "rubbish");
  await giver.service.pushTask({ number: 2 });
  await using doer = await startForTest(Doer, DOER);
  await waitFor("an empty queue", async () => (await tasksLeft(bare)) === 0);
  expect(doer.service.done.map(({ number }) => number)).toEqual([1, 2]);
  expect(await deadTasks(bare)).toMatchObject([{ task: { unreadable: "rubbish" } }]);
  await bare.close();
});

test("a dead task that cannot be put away stays, and is tried again in peace, whatever retry_sec says", async () => {
  await using broker = await brokerForServices();
  const bare = await connect({ servers: broker.url });
  // An operator's stream for dead tasks that takes none.
  const manager = await bare.jetstreamManager();
  await manager.streams.add({ name: "graves", subjects: ["tasks.dead"], max_msg_size: 1 });
  await using giver = await startForTest(Giver, GIVER);
  await using doer = await startForTest(Doer, { ...DOER, retry_sec: 0, max_deliver: 1 });
  await giver.service.pushTask({ task_id: "1", do: "fail" });
  await giver.service.pushTask({ task_id: "2" });
  await doer.logged("a dead task stays in tasks");
  await waitFor("the other one", () => doer.service.done.length === 1);
  await Bun.sleep(500);
  expect(doer.logs.filter(({ message }) => message.startsWith("a dead task stays")).length).toBeLessThan(5);
  expect(await tasksLeft(bare)).toBe(1);
  await manager.streams.delete("graves");
  await waitFor("an empty queue", async () => (await tasksLeft(bare)) === 0);
  expect(await deadTasks(bare)).toMatchObject([{ task: { task_id: "1" }, error: "it cannot be done", attempts: "1" }]);
  await bare.close();
});

test("a slow worker pushes back: the queue fills, the push waits, and nothing is lost", async () => {
  await using _broker = await brokerForServices();
  const bare = await connect({ servers: _broker.url });
  await using giver = await startForTest(Giver, { ...GIVER, queue_limit: 5 });
  await using doer = await startForTest(Doer, { ...DOER, queue_limit: 5, concurrency: 2 });
  const pushes = Array.from({ length: 20 }, (_, number) => giver.service.pushTask({ number, do: "wait" }));
  const settled = Promise.all(pushes);
  await giver.logged("the queue is full");
  await waitFor("two at work", () => doer.service.activeTasks === 2);
  expect(giver.service.waitingTasks).toBe(15);
  expect(doer.service.begun).toHaveLength(2);
  doer.service.gate.resolve();
  await settled;
  await waitFor("all of them", () => doer.service.done.length === 20);
  expect(new Set(doer.service.done.map(({ number }) => number)).size).toBe(20);
  await bare.close();
});

test("a push with push_timeout gives up, and says why", async () => {
  await using _broker = await brokerForServices();
  await using giver = await startForTest(Giver, { ...GIVER, queue_limit: 1, push_timeout: 0.2 });
  await giver.service.pushTask({ number: 1 });
  const refused = giver.service.pushTask({ number: 2 });
  await expect(refused).rejects.toThrow(TaskNotTakenError);
  await expect(refused).rejects.toThrow("tasks: the task was not taken: the queue is full");
});

test("a queue group on a subject that a stream stores is refused, not done twice", async () => {
  await using broker = await brokerForServices();
  const bare = await connect({ servers: broker.url });
  await (await bare.jetstreamManager()).streams.add({ name: "kept", subjects: ["tasks"] });
  await using giver = await startForTest(Giver, { ...GIVER, queue: "core" });
  await expect(giver.service.pushTask({ number: 1 })).rejects.toThrow("tasks: somebody else answers there");
  await bare.close();
});

test("a stop in the middle finishes the task that is begun, and leaves the others", async () => {
  await using _broker = await brokerForServices();
  const bare = await connect({ servers: _broker.url });
  await using giver = await startForTest(Giver, GIVER);
  await using doer = await startForTest(Doer, DOER);
  for (const number of [1, 2, 3]) await giver.service.pushTask({ number, do: "wait" });
  await waitFor("one at work", () => doer.service.activeTasks === 1);
  const stopped = doer.stop();
  doer.service.gate.resolve();
  expect(await stopped).toMatchObject({ code: 0, phase: "stopped" });
  expect(doer.service.done).toEqual([expect.objectContaining({ number: 1 })]);
  expect(await tasksLeft(bare)).toBe(2);
  await bare.close();
});

test("a task that cannot be finished before the stop is returned at once", async () => {
  await using _broker = await brokerForServices();
  await using giver = await startForTest(Giver, GIVER);
  // Without the return it would come again after an hour only.
  const row = { ...DOER, ack_wait: 3600, finish_sec: 0.1 };
  await using slow = await startForTest(Doer, { variant: "slow", ...row });
  await giver.service.pushTask({ task_id: "long", do: "wait" });
  await waitFor("it at work", () => slow.service.activeTasks === 1);
  await slow.stop();
  expect(slow.service.begun[0]?.[1].signal.aborted).toBe(true);
  await using other = await startForTest(Doer, { variant: "other", ...row });
  other.service.gate.resolve();
  await waitFor("it at the other", () => other.service.done.length === 1);
  // It has not failed.
  expect(other.service.begun[0]?.[1].attempt).toBe(1);
});

test("a task that stops hand back again and again is no dead task, but one that fails is", async () => {
  await using broker = await brokerForServices();
  const bare = await connect({ servers: broker.url });
  await using giver = await startForTest(Giver, GIVER);
  await giver.service.pushTask({ task_id: "long", do: "wait" });
  const row = { ...DOER, finish_sec: 0, max_deliver: 2 };
  for (let nth = 1; nth <= 4; nth++) {
    await using stopped = await startForTest(Doer, row);
    await waitFor("it at work", () => stopped.service.begun.length === 1);
    expect(stopped.service.begun[0]?.[1].attempt).toBe(1);
  }
  await using last = await startForTest(Doer, row);
  last.service.gate.promise.catch(() => undefined); // awaited by the handler, later
  last.service.gate.reject(new Error("it cannot be done"));
  await waitFor("an empty queue", async () => (await tasksLeft(bare)) === 0);
  expect(last.service.begun.map(([, { attempt }]) => attempt)).toEqual([1, 2]);
  expect(await deadTasks(bare)).toMatchObject([{ task: { task_id: "long" }, attempts: "2" }]);
  await bare.close();
});

test("where a return cannot be noted, it counts as an attempt, and the task is not lost", async () => {
  await using broker = await brokerForServices();
  const bare = await connect({ servers: broker.url });
  // An operator's stream for all of it.
  await (await bare.jetstreamManager()).streams.add({ name: "kept", subjects: ["tasks", "tasks.>"] });
  await using giver = await startForTest(Giver, GIVER);
  await giver.service.pushTask({ task_id: "long", do: "wait" });
  {
    await using stopped = await startForTest(Doer, { ...DOER, finish_sec: 0 });
    await waitFor("it at work", () => stopped.service.begun.length === 1);
  }
  await using other = await startForTest(Doer, DOER);
  await waitFor("it at the other", () => other.service.begun.length === 1);
  expect(other.service.begun[0]?.[1].attempt).toBe(2);
  other.service.gate.resolve();
  await waitFor("its end", () => other.service.done.length === 1);
  await bare.close();
});

test("an outage of the broker: tasks pushed meanwhile wait, and all are done after it", async () => {
  await using broker = await brokerForServices();
  await using giver = await startForTest(Giver, GIVER);
  await using doer = await startForTest(Doer, { ...DOER, concurrency: 4 });
  await giver.service.pushTask({ number: 0 });
  await waitFor("the first", () => doer.service.done.length === 1);
  await broker.kill();
  const pushes = Array.from({ length: 10 }, (_, i) => giver.service.pushTask({ number: i + 1 }));
  await broker.start();
  await Promise.all(pushes);
  const numbers = () => new Set(doer.service.done.map(({ number }) => number));
  await waitFor("all of them", () => numbers().size === 11);
  expect([...numbers()].toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 11 }, (_, i) => i));
});

test("a queue that is removed while services use it is made again", async () => {
  await using broker = await brokerForServices();
  const bare = await connect({ servers: broker.url });
  await using giver = await startForTest(Giver, GIVER);
  await using doer = await startForTest(Doer, DOER);
  await giver.service.pushTask({ number: 1 });
  await waitFor("the first", () => doer.service.done.length === 1);
  await (await bare.jetstreamManager()).streams.delete("work_tasks");
  await giver.service.pushTask({ number: 2 });
  await waitFor("the second", () => doer.service.done.length === 2);
  expect(doer.service.done.map(({ number }) => number)).toEqual([1, 2]);
  await bare.close();
});

test("results of a queue that was removed and counts anew are not taken for those of before", async () => {
  await using broker = await brokerForServices();
  const bare = await connect({ servers: broker.url });
  await using controller = await startForTest(Controller, { push_address: "tasks", pull_address: "results" });
  await using _worker = await startForTest(Worker, { pull_address: "tasks", push_address: "results" });
  for (const [nth, task_id] of ["before", "after"].entries()) {
    await controller.service.pushTask({ task_id, number: nth });
    await waitFor("its result", () => controller.service.responses.length === nth + 1);
    await (await bare.jetstreamManager()).streams.delete("work_tasks");
  }
  expect(controller.service.responses.map(([, { taskId }]) => taskId)).toEqual(["before", "after"]);
  await bare.close();
});

/** All that is in the stream of dead tasks. */
async function deadTasks(bare: NatsConnection) {
  const consumer = await bare.jetstream().consumers.get("work_tasks_dead");
  const found: { task: unknown; error: string; attempts: string }[] = [];
  for await (const message of await consumer.fetch({ expires: 1_000 })) {
    const { data } = message.json<{ data: unknown }>();
    found.push({
      task: data,
      error: message.headers?.get("Tcs-Error") ?? "",
      attempts: message.headers?.get("Tcs-Attempts") ?? "",
    });
    if (message.info.pending === 0) break;
  }
  return found;
}

/** A worker in a process of its own, which hangs on its task, or dies of it. */
async function startWorkerProcess(url: string, how: "hang" | "die", fields: { ack_wait: number }) {
  const temp = tempFolder();
  const root = join(import.meta.dir, "../..");
  const file = await temp.write(
    "victim.ts",
    `import { service } from "${root}/src/index.ts";
import { PullService } from "${root}/src/kinds/index.ts";
import { startForTest } from "${root}/src/service/testing.ts";
@service("victim")
class Victim extends PullService {
  override async handleTask() {
    console.log("begun");
    if ("${how}" === "die") process.kill(process.pid, "SIGKILL");
    await new Promise(() => undefined);
  }
}
await startForTest(Victim, { pull_address: "tasks", max_deliver: 9, ack_wait: ${fields.ack_wait} });
`,
  );
  const child = Bun.spawn([process.execPath, file], {
    env: { ...process.env, NATS_URL: url },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  const reading = (async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) output += chunk;
  })();
  return {
    exited: child.exited,
    kill: () => child.kill("SIGKILL"),
    said: (text: string) => waitFor(`"${text}" of the process`, () => output.includes(text)),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      await reading;
      temp[Symbol.dispose]();
    },
  };
}
