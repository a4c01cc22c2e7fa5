// Tasks through service classes, from push to acknowledged: a work queue of NATS, a queue group, ZeroMQ; and the bare client.
import { AckPolicy, connect, RetentionPolicy } from "nats";
import { service } from "../../src/index.ts";
import { PullService, PushService } from "../../src/kinds/index.ts";
import { startForTest } from "../../src/service/testing.ts";
import { startNats } from "../support/nats.ts";
import { waitFor } from "../support/wait.ts";
import { row } from "./table.ts";

const TASKS = 5_000;
/** Pushes not yet stored, and tasks worked on, at a time. */
const WINDOW = 100;
const PAYLOAD = "x".repeat(100);

@service("giver")
class Giver extends PushService {}

@service("doer")
class Doer extends PullService {
  done = 0;
  override handleTask() {
    this.done += 1;
  }
}

async function windowed(push: () => Promise<unknown>): Promise<void> {
  const loop = async () => {
    for (let n = 0; n < TASKS / WINDOW; n++) await push();
  };
  await Promise.all(Array.from({ length: WINDOW }, loop));
}

async function throughServices(fields: Record<string, unknown>): Promise<number> {
  await using giver = await startForTest(Giver, fields);
  const { push_address: _, ...others } = fields;
  const pull_address = giver.service.addresses.push?.[0];
  await using doer = await startForTest(Doer, { ...others, pull_address, concurrency: WINDOW });
  const began = performance.now();
  await windowed(() => giver.service.pushTask({ payload: PAYLOAD }));
  await waitFor("all tasks", () => doer.service.done >= TASKS);
  return (TASKS / (performance.now() - began)) * 1_000;
}

async function throughClient(url: string): Promise<number> {
  const bare = await connect({ servers: url });
  const manager = await bare.jetstreamManager();
  await manager.streams.add({ name: "bare", subjects: ["bare"], retention: RetentionPolicy.Workqueue });
  await manager.consumers.add("bare", { durable_name: "workers", ack_policy: AckPolicy.Explicit });
  const consumer = await bare.jetstream().consumers.get("bare", "workers");
  const began = performance.now();
  const { promise, resolve } = Promise.withResolvers<void>();
  let done = 0;
  const messages = await consumer.consume({
    max_messages: WINDOW,
    callback: (message) => {
      message.json();
      message.ack();
      done += 1;
      if (done === TASKS) resolve();
    },
  });
  const text = JSON.stringify({ payload: PAYLOAD });
  await windowed(() => bare.jetstream().publish("bare", text));
  await promise;
  const rate = (TASKS / (performance.now() - began)) * 1_000;
  await messages.close();
  await manager.streams.delete("bare");
  await bare.close();
  return rate;
}

export async function queues(runs: number): Promise<string[][]> {
  await using broker = await startNats();
  process.env.NATS_URL = broker.url;
  const figures: Record<string, number[]> = {};
  for (let run = 0; run < runs; run++) {
    const one = {
      "work queue, bare client": await throughClient(broker.url),
      "work queue, service classes": await throughServices({ push_address: "tasks" }),
      "queue group, service classes": await throughServices({ push_address: "core", queue: "core" }),
      "ZeroMQ, service classes": await throughServices({
        transport: "zmq",
        push_address: "tcp://127.0.0.1:*",
      }),
    };
    for (const [name, rate] of Object.entries(one)) figures[name] = [...(figures[name] ?? []), rate];
  }
  return Object.entries(figures).map(([name, rates]) => row(name, rates, "tasks/s"));
}
