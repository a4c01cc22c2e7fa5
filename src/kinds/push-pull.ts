// PushService and PullService: services that give tasks, and services that do them.
import type { ConfigSchema } from "../config/service-config.ts";
import type { Schema } from "../messenger/schema.ts";
import { configCheck } from "../service/config-check.ts";
import { addressCheck } from "./address-check.ts";
import { PullServiceConfig, PushServiceConfig } from "./config.ts";
import type { JsonMessage, TaskInfo } from "./messages.ts";
import { addSender, addTaker, hostOf, MessagingService } from "./messaging-service.ts";
import { Pulling } from "./pulling.ts";
import { Pushing } from "./pushing.ts";

/**
 * Gives tasks, each to one who pulls.
 * @typeParam S the zod schema of its configuration: `PushServiceConfig`, or an extension of it
 */
export abstract class PushService<
  S extends typeof PushServiceConfig = typeof PushServiceConfig,
> extends MessagingService<S> {
  /** The schema of who gives none. */
  static readonly configSchema: ConfigSchema = PushServiceConfig;
  static readonly [configCheck] = addressCheck({ push: "bind" });
  readonly #pushing = this[addSender](new Pushing(this[hostOf], () => this.config, "bind"));

  /**
   * Gives a task to who pulls. Resolves when it is taken: over NATS when the queue has stored it, over ZeroMQ when
   * a worker has room for it. Until then it waits; nothing is dropped.
   * @returns its `task_id`: the one it has, else a new one
   * @throws TaskNotTakenError after `push_timeout`, a second after the stop was asked for, or when too many wait already
   */
  pushTask(task: JsonMessage): Promise<string> {
    return this.#pushing.pushTask(task);
  }
  /** Tasks that wait to be taken. */
  get waitingTasks(): number {
    return this.#pushing.waiting;
  }
}

/**
 * Does tasks, so many at a time as `concurrency` says.
 * @typeParam S the zod schema of its configuration: `PullServiceConfig`, or an extension of it
 * @typeParam T what a task is; `taskSchema` checks it
 */
export abstract class PullService<
  S extends typeof PullServiceConfig = typeof PullServiceConfig,
  T = JsonMessage,
> extends MessagingService<S> {
  /** The schema of who gives none. */
  static readonly configSchema: ConfigSchema = PullServiceConfig;
  static readonly [configCheck] = addressCheck({ pull: "connect" });
  /** Tasks that do not fit are dead at once. */
  readonly taskSchema: Schema<T> | undefined;
  readonly #pulling = this[addTaker](
    new Pulling<T>(this[hostOf], () => this.config, {
      side: "connect",
      schema: () => this.taskSchema,
      handle: async (task, info) => void (await this.handleTask(task, info)),
    }),
  );

  /** Does a task. When it returns, the task is done; what it throws lets the task come again (over NATS). */
  abstract handleTask(task: T, info: TaskInfo): Promise<void> | void;

  /** Tasks that are being done. */
  get activeTasks(): number {
    return this.#pulling.active;
  }
}
