// A service's way out for tasks, or for their results.
import { countOf } from "../common/plural.ts";
import type { PushingFields } from "./config.ts";
import { TaskNotTakenError } from "./errors.ts";
import { addressesOf, type End, type Host, LAST_WORDS_MS, lossCounter } from "./host.ts";
import { type JsonMessage, TASK_ID, taskIdOf } from "./messages.ts";
import type { Pusher, PushOptions, QueueOptions, Side } from "./transport.ts";

export class Pushing implements End {
  readonly name = "push";
  readonly #host: Host;
  readonly #config: () => PushingFields;
  readonly #side: Side;
  /** Aborted some time after the stop. */
  readonly #enough = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pusher: Pusher | undefined;
  /** Tasks that were waited with no longer. */
  #left = 0;

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
    this.#host.signal.addEventListener("abort", () => {
      this.#timer = setTimeout(() => this.#enough.abort(), LAST_WORDS_MS);
    });
    const config = this.#config();
    const timeoutMs = config.push_timeout === undefined ? undefined : config.push_timeout * 1000;
    this.#pusher = await (await this.#host.openTransport()).openPusher({
      addresses: addressesOf("push_address", config.push_address, this.#host.transport, true),
      side: this.#side,
      timeoutMs,
      queue: pushedQueue(config),
      lost: lossCounter(this.#host),
    });
  }

  /** @returns the task's id: the one it has, or a new one */
  async pushTask(task: JsonMessage): Promise<string> {
    const own = taskIdOf(task);
    const id = own ?? crypto.randomUUID();
    // What is pushed later still, as the service ends its work, has as long.
    const until = this.#enough.signal.aborted ? AbortSignal.timeout(LAST_WORDS_MS) : this.#enough.signal;
    try {
      await this.push(own === undefined ? { ...task, [TASK_ID]: id } : task, { until });
    } catch (error) {
      if (until.aborted) this.#left += 1;
      throw error;
    }
    return id;
  }

  async push(message: JsonMessage, options?: PushOptions): Promise<void> {
    if (!this.#pusher) throw new TaskNotTakenError("the service has not started, or has stopped");
    await this.#pusher.push(message, options);
    this.#host.stats.countSent();
  }

  async close(limitMs: number): Promise<void> {
    clearTimeout(this.#timer);
    await this.#pusher?.close(limitMs);
    this.#pusher = undefined;
    if (this.#left > 0) this.#host.logger.warning(`${countOf(this.#left, "task")} not taken before the stop`);
  }
}

/** Who pushes has no say in how tasks are taken. */
function pushedQueue({ queue, queue_limit: limit }: PushingFields): QueueOptions {
  return { kind: queue, limit, ackWaitMs: 30_000, maxDeliver: 1, retryMs: 0, deadLetter: undefined };
}
