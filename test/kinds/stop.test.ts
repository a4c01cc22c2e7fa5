// A stop while tasks wait to be taken: it does not wait for room that may never come.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { connect } from "nats";
import { service } from "../../src/index.ts";
import { PushService } from "../../src/kinds/index.ts";
import { CorePuller } from "../../src/kinds/nats/core-puller.ts";
import { startForTest } from "../../src/service/testing.ts";
import { Pull } from "../../src/zmtp/index.ts";
import { waitFor } from "../support/wait.ts";
import { brokerForServices, Doer, Giver } from "./support.ts";

@service("endless")
class Endless extends PushService {
  override async runService() {
    while (this.isRunning) await this.pushTask({ number: 1 });
  }
}

test.each<[string, number, Record<string, unknown>]>([
  ["a full queue", 1, { push_address: "tasks", queue_limit: 1 }],
  ["a queue group without a worker", 0, { push_address: "tasks", queue: "core" }],
  ["no worker over ZeroMQ", 0, { transport: "zmq", push_address: "tcp://127.0.0.1:*" }],
])("%s: the stop gives up what waits, says so, and is no error", async (_, room, fields) => {
  await using _broker = await brokerForServices();
  await using endless = await startForTest(Endless, fields);
  const { stats } = endless.service;
  await waitFor("a task that waits", () => stats.messagesSent === room && endless.service.waitingTasks === 1);
  expect(await endless.stop()).toMatchObject({ code: 0, phase: "stopped" });
  const told = endless.logs.filter(({ level }) => level === "warning" || level === "error");
  expect(told.map(({ message }) => message)).toEqual(["1 task not taken before the stop"]);
});

test("a task that is pushed at the stop is still taken", async () => {
  class Farewell extends PushService {
    override async onStop() {
      await this.pushTask({ task_id: "last" });
    }
  }
  await using _broker = await brokerForServices();
  await using farewell = await startForTest(Farewell, { push_address: "tasks" });
  expect(await farewell.stop()).toMatchObject({ code: 0, phase: "stopped" });
  expect(farewell.service.stats.messagesSent).toBe(1);
});

test("tasks that a worker over ZeroMQ was too slow to read before the stop are told and counted", async () => {
  await using giver = await startForTest(Giver, { transport: "zmq", push_address: "tcp://127.0.0.1:*" });
  // Reads one, and then nobody takes it.
  await using slow = new Pull({ highWaterMark: 1 });
  slow.connect(giver.service.addresses.push?.[0] ?? "");
  const load = "x".repeat(2_000_000);
  for (let number = 0; number < 15; number++) await giver.service.pushTask({ number, load });
  expect(await giver.stop()).toMatchObject({ code: 0, phase: "stopped" });
  const { sent, lost } = giver.service.messageCounts;
  expect(sent).toBe(15);
  expect(lost).toBeGreaterThan(0);
  const told = giver.logs.map(({ message }) => message);
  expect(told).toContain(`${lost} tasks that had been taken did not leave before the stop`);
  let got = 0;
  // What had left was in the kernel's hands.
  while (await slow.receive({ timeoutMs: 1_000 }).catch(() => undefined)) got += 1;
  expect(got + lost).toBe(15);
});

test("what is on its way to a worker of a queue group that stops is told to go elsewhere", async () => {
  await using broker = await brokerForServices();
  const bare = await connect({ servers: broker.url });
  const answers: string[] = [];
  bare.subscribe("answers", { callback: (_, message) => answers.push(message.string()) });
  await bare.flush();
  await using doer = await startForTest(Doer, { pull_address: "tasks", queue: "core" });
  const { messenger, logger } = doer.service;
  await messenger.connected(10_000);
  const puller = new CorePuller({ messenger, logger }, "others", {
    ...{ addresses: ["others"], side: "connect", concurrency: 1 },
    ...{ take: async () => undefined, dead: async () => undefined, lost: () => undefined },
    queue: { kind: "core", limit: 1, ackWaitMs: 1, maxDeliver: 1, retryMs: 0, deadLetter: undefined },
  });
  await messenger.connection?.flush();
  // Pushed while this process stands still: it has come, and is not read when the end begins.
  const push = `const bare = await require("nats").connect({ servers: "${broker.url}" });
    bare.publish("others", "{}", { reply: "answers" });
    await bare.flush();
    await bare.close();`;
  const { exitCode } = Bun.spawnSync([process.execPath, "-e", push], { cwd: join(import.meta.dir, "../..") });
  const closed = puller.close(1_000);
  expect(exitCode).toBe(0);
  await closed;
  await waitFor("the answer", () => answers.length > 0, 5_000);
  expect(answers).toEqual(["-BUSY"]);
  await bare.close();
});
