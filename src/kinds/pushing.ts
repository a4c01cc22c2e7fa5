// A service's way out for tasks, or for their results.
import type { PushingFields } from "./config.ts";
import { TaskNotTakenError } from "./errors.ts";
import { addressesOf, type End, type Host } from "./host.ts";
import { type JsonMessage, TASK_ID, taskIdOf } from "./messages.ts";
import type { Pusher, QueueOptions, Side } from "./transport.ts";

export class Pushing implements End {
  readonly name = "push";
  readonly #host: Host;
  readonly #config: () => PushingFields;
  readonly #side: Side;
  #pusher: Pusher | undefined;

  constructor(host: Host, config: () => PushingFields, side: Side) {
    this.#host = host;
    this.#config = config;
    this.#side = side;
  }

  get addresses(): readonly string[] {
    return this.#pusher?.addresses ?? [];
  }
  get waiting(): number {
    return this.#pusher?.waiting ?? 0;
  }

  async open(): Promise<void> {
    const config = this.#config();
    const timeoutMs = config.push_timeout === undefined ? undefined : config.push_timeout * 1000;
    this.#pusher = await (await this.#host.openTransport()).openPusher({
      addresses: addressesOf("push_address", config.push_address, this.#host.transport, true),
      side: this.#side,
      timeoutMs,
      queue: pushedQueue(config),
    });
  }

  /** @returns the task's id: the one it has, or a new one */
  async pushTask(task: JsonMessage): Promise<string> {
    const id = taskIdOf(task) ?? crypto.randomUUID();
    await this.push(TASK_ID in task ? task : { ...task, [TASK_ID]: id });
    return id;
  }

  async push(message: JsonMessage, key?: string): Promise<void> {
    if (!this.#pusher) throw new TaskNotTakenError("the service has not started, or has stopped");
    await this.#pusher.push(message, key);
    this.#host.stats.countSent();
  }

  async close(limitMs: number): Promise<void> {
    await this.#pusher?.close(limitMs);
    this.#pusher = undefined;
  }
}

/** Who pushes has no say in how tasks are taken. */
function pushedQueue({ queue, queue_limit: limit }: PushingFields): QueueOptions {
  return { kind: queue, limit, ackWaitMs: 30_000, maxDeliver: 1, retryMs: 0, deadLetter: undefined };
}
