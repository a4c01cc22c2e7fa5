// WorkerService: hears a controller's messages, does its tasks, and gives back the results.
import type { ConfigSchema } from "../config/service-config.ts";
import type { Schema } from "../messenger/schema.ts";
import { configCheck } from "../service/config-check.ts";
import { addressCheck } from "./address-check.ts";
import { WorkerServiceConfig } from "./config.ts";
import { type JsonMessage, TASK_ID, type TaskFailure, type TaskInfo, taskIdOf } from "./messages.ts";
import { addSender, addTaker, hostOf } from "./messaging-service.ts";
import { Pulling } from "./pulling.ts";
import { Pushing } from "./pushing.ts";
import { SubscriberService } from "./subscriber.ts";

/**
 * Subscribes, pulls tasks, and pushes their results.
 * @typeParam S the zod schema of its configuration: `WorkerServiceConfig`, or an extension of it
 * @typeParam T what a task is; `taskSchema` checks it
 */
export abstract class WorkerService<
  S extends typeof WorkerServiceConfig = typeof WorkerServiceConfig,
  T = JsonMessage,
> extends SubscriberService<S> {
  static override readonly configSchema: ConfigSchema = WorkerServiceConfig;
  static override readonly [configCheck] = addressCheck({ sub: "connect", push: "connect", pull: "connect" });
  /** Tasks that do not fit are dead at once. */
  readonly taskSchema: Schema<T> | undefined;
  readonly #pushing = this[addSender](new Pushing(this[hostOf], () => this.config, "connect"));
  readonly #pulling = this[addTaker](
    new Pulling<T>(this[hostOf], () => this.config, {
      side: "connect",
      schema: () => this.taskSchema,
      handle: (task, info, key) => this.#handle(task, info, key),
      dead: (task, why, attempts, key) => this.#tellFailure(task, why, attempts, key),
    }),
  );

  /**
   * Does a task. What it returns is pushed as the result, with the task's `task_id`; nothing is pushed for undefined. Only
   * then is the task done. What it throws lets the task come again (over NATS); when it has failed for good, the
   * controller is told.
   */
  abstract handleTask(
    task: T,
    info: TaskInfo,
  ): Promise<JsonMessage | undefined> | Promise<void> | JsonMessage | undefined | void;

  /** Tasks that are being done. */
  get activeTasks(): number {
    return this.#pulling.active;
  }

  async #handle(task: T, info: TaskInfo, key: string | undefined): Promise<void> {
    const result = await this.handleTask(task, info);
    if (result === undefined || info.signal.aborted) return;
    const id = info.taskId === undefined ? {} : { [TASK_ID]: info.taskId };
    await this.#pushing.push({ ...result, ...id }, { key: key && `${key}.result` });
  }

  async #tellFailure(task: JsonMessage, error: string, attempts: number, key: string | undefined): Promise<void> {
    const id = taskIdOf(task);
    const failure: TaskFailure = {
      type: "TaskFailed",
      ...(id === undefined ? {} : { task_id: id }),
      error,
      attempts,
      service: this.id,
    };
    await this.#pushing.push(failure, { key: key && `${key}.failed` });
  }
}
