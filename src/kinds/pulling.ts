// A service's way in for tasks, or for their results: so many at a time, each to the end or given back.
import { AsyncResource } from "node:async_hooks";
import { describeError } from "../common/errors.ts";
import { SchemaError } from "../messenger/errors.ts";
import { checked, type Schema } from "../messenger/schema.ts";
import type { PullingFields } from "./config.ts";
import { TaskTimeoutError, UnfitMessageError } from "./errors.ts";
import { addressesOf, type End, type Host, lossCounter, sparingly } from "./host.ts";
import { type JsonMessage, type TaskInfo, taskIdOf } from "./messages.ts";
import type { Arrival, Puller, PullerOptions, QueueOptions, Side } from "./transport.ts";

export interface PullingEvents<T> {
  /** @param key names the task among all, where the transport has such names */
  handle: (task: T, info: TaskInfo, key: string | undefined) => Promise<void>;
  schema: () => Schema<T> | undefined;
  /** The task has failed for good. */
  dead?: PullerOptions["dead"];
  side: Side;
}

export class Pulling<T> implements End {
  readonly name = "pull";
  readonly #host: Host;
  readonly #config: () => PullingFields;
  readonly #events: PullingEvents<T>;
  readonly #tellFailure: (line: string) => void;
  readonly #tellDeath: (line: string) => void;
  #puller: Puller | undefined;

  constructor(host: Host, config: () => PullingFields, events: PullingEvents<T>) {
    this.#host = host;
    this.#config = config;
    this.#events = events;
    this.#tellFailure = sparingly((line) => host.logger.warning(line));
    this.#tellDeath = sparingly((line) => host.logger.error(line));
  }

  get addresses(): readonly string[] {
    return this.#puller?.addresses ?? [];
  }
  get active(): number {
    return this.#puller?.active ?? 0;
  }

  async open(): Promise<void> {
    const config = this.#config();
    const { transport } = this.#host;
    this.#puller = await (await this.#host.openTransport()).openPuller({
      addresses: addressesOf("pull_address", config.pull_address, transport, true),
      side: this.#events.side,
      concurrency: config.concurrency,
      queue: pulledQueue(config),
      // As code of this service, whoever has opened the connection.
      take: AsyncResource.bind((arrival: Arrival) => this.#take(arrival)),
      dead: AsyncResource.bind(async (...[task, why, attempts, key]: Parameters<PullerOptions["dead"]>) => {
        this.#tellDeath(`task ${taskIdOf(task) ?? key ?? "without an id"} has failed for good: ${why}`);
        await this.#events.dead?.(task, why, attempts, key);
      }),
      lost: lossCounter(this.#host),
    });
  }

  async close(limitMs: number): Promise<void> {
    await this.#puller?.close(limitMs);
    this.#puller = undefined;
  }

  async #take({ task, attempt, key, signal }: Arrival): Promise<void> {
    const { stats, troubles } = this.#host;
    const taskId = taskIdOf(task);
    stats.countReceived();
    try {
      const fit = await this.#fit(task);
      await this.#within(signal, (until) => this.#events.handle(fit, { taskId, attempt, signal: until }, key));
    } catch (error) {
      troubles.failed += 1;
      const nth = attempt > 1 ? ` (attempt ${attempt})` : "";
      this.#tellFailure(`task ${taskId ?? key ?? "without an id"}${nth}: ${describeError(error)}`);
      throw error;
    }
  }

  /** Has work done in `task_timeout`, if there is one. What is too late goes on, but counts for nothing. */
  async #within(signal: AbortSignal, work: (until: AbortSignal) => Promise<void>): Promise<void> {
    const { task_timeout: seconds } = this.#config();
    if (seconds === undefined) return await work(signal);
    const late = new AbortController();
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const error = new TaskTimeoutError(`it has taken longer than task_timeout (${seconds} s)`);
      late.abort(error);
      reject(error);
    }, seconds * 1000);
    try {
      await Promise.race([work(AbortSignal.any([signal, late.signal])), tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #fit(task: JsonMessage): Promise<T> {
    const schema = this.#events.schema();
    // Without a schema the service has said what a task is.
    if (!schema) return task as T;
    try {
      return await checked("task", schema, task);
    } catch (cause) {
      if (cause instanceof SchemaError) throw new UnfitMessageError(cause.message, { cause });
      throw cause;
    }
  }
}

function pulledQueue(config: PullingFields): QueueOptions {
  return {
    kind: config.queue,
    limit: config.queue_limit,
    ackWaitMs: config.ack_wait * 1000,
    maxDeliver: config.max_deliver,
    retryMs: config.retry_sec * 1000,
    deadLetter: config.dead_letter,
  };
}
