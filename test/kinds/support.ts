// For tests of the service classes: services of each kind that keep what they get, a broker that services find.
import { service } from "../../src/index.ts";
import {
  ControllerService,
  type JsonMessage,
  PublisherService,
  PullService,
  PushService,
  SubscriberService,
  type TaskFailure,
  type TaskInfo,
  WorkerService,
} from "../../src/kinds/index.ts";
import { startNats, type TestBroker } from "../support/nats.ts";

/** A broker that services started in this process find. */
export async function brokerForServices(): Promise<TestBroker> {
  const broker = await startNats();
  const before = process.env.NATS_URL;
  process.env.NATS_URL = broker.url;
  return {
    ...broker,
    async [Symbol.asyncDispose]() {
      if (before === undefined) delete process.env.NATS_URL;
      else process.env.NATS_URL = before;
      await broker[Symbol.asyncDispose]();
    },
  };
}

@service("speaker")
export class Speaker extends PublisherService {}

@service("listener")
export class Listener extends SubscriberService {
  readonly heard: [string, JsonMessage][] = [];
  override handleMessage(topic: string, message: JsonMessage) {
    this.heard.push([topic, message]);
  }
}

@service("giver")
export class Giver extends PushService {}

/** Does what a task's `do` says. */
@service("doer")
export class Doer extends PullService {
  readonly done: JsonMessage[] = [];
  readonly begun: [JsonMessage, TaskInfo][] = [];
  /** Tasks that say `wait` go on when this is resolved. */
  gate = Promise.withResolvers<void>();
  override async handleTask(task: JsonMessage, info: TaskInfo) {
    this.begun.push([task, info]);
    if (task.do === "fail") throw new Error("it cannot be done");
    if (task.do === "wait") await this.gate.promise;
    this.done.push(task);
  }
}

@service("controller")
export class Controller extends ControllerService {
  readonly responses: [JsonMessage, TaskInfo][] = [];
  readonly failures: TaskFailure[] = [];
  readonly heard: [string, JsonMessage][] = [];
  override handleMessage(topic: string, message: JsonMessage) {
    this.heard.push([topic, message]);
  }
  override handleWorkerResponse(response: JsonMessage, info: TaskInfo) {
    this.responses.push([response, info]);
  }
  override handleTaskFailure(failure: TaskFailure) {
    this.failures.push(failure);
  }
}

@service("worker")
export class Worker extends WorkerService {
  readonly done: JsonMessage[] = [];
  readonly heard: [string, JsonMessage][] = [];
  override handleMessage(topic: string, message: JsonMessage) {
    this.heard.push([topic, message]);
  }
  override async handleTask(task: JsonMessage) {
    if (task.do === "fail") throw new Error("it cannot be done");
    // Long enough that the others get some.
    await Bun.sleep(2);
    this.done.push(task);
    return { type: "Result", square: Number(task.number) ** 2 };
  }
}
