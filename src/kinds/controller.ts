// ControllerService: publishes and subscribes, gives tasks to workers and hears what became of them.
import type { ConfigSchema } from "../config/service-config.ts";
import type { Schema } from "../messenger/schema.ts";
import { configCheck } from "../service/config-check.ts";
import { addressCheck } from "./address-check.ts";
import { ControllerServiceConfig } from "./config.ts";
import { isTaskFailure, type JsonMessage, type TaskFailure, type TaskInfo } from "./messages.ts";
import { addSender, addTaker, hostOf } from "./messaging-service.ts";
import { PublisherSubscriberService } from "./publisher.ts";
import { Pulling } from "./pulling.ts";
import { Pushing } from "./pushing.ts";

/**
 * Publishes, subscribes, pushes tasks to workers, and pulls their results.
 * @typeParam S the zod schema of its configuration: `ControllerServiceConfig`, or an extension of it
 * @typeParam R what a result is; `responseSchema` checks it
 */
export abstract class ControllerService<
  S extends typeof ControllerServiceConfig = typeof ControllerServiceConfig,
  R = JsonMessage,
> extends PublisherSubscriberService<S> {
  static override readonly configSchema: ConfigSchema = ControllerServiceConfig;
  static override readonly [configCheck] = addressCheck({ pub: "bind", sub: "connect", push: "bind", pull: "bind" });
  /** Results that do not fit are dead at once. */
  readonly responseSchema: Schema<R> | undefined;
  readonly #pushing = this[addSender](new Pushing(this[hostOf], () => this.config, "bind"));
  readonly #pulling = this[addTaker](
    new Pulling<R | TaskFailure>(this[hostOf], () => this.config, {
      side: "bind",
      schema: () => withFailures(this.responseSchema),
      handle: async (response, info) => {
        // The schema was not asked about failures.
        if (isTaskFailure(response as JsonMessage)) await this.handleTaskFailure(response as TaskFailure, info);
        else await this.handleWorkerResponse(response as R, info);
      },
    }),
  );

  /** As that of PushService. @throws TaskNotTakenError */
  pushTask(task: JsonMessage): Promise<string> {
    return this.#pushing.pushTask(task);
  }
  /** Tasks that wait to be taken. */
  get waitingTasks(): number {
    return this.#pushing.waiting;
  }
  /** Results that are being worked on. */
  get activeTasks(): number {
    return this.#pulling.active;
  }

  /** Gets the result of a task: `info.taskId` is what `pushTask` returned. What it throws lets it come again (over NATS). */
  abstract handleWorkerResponse(response: R, info: TaskInfo): Promise<void> | void;

  /** Is told of a task that has failed for good. Logs it, unless overridden. */
  handleTaskFailure(failure: TaskFailure, _info: TaskInfo): Promise<void> | void {
    this.logger.warning(
      `task ${failure.task_id ?? "without an id"} has failed at ${failure.service}: ${failure.error}`,
    );
  }
}

function withFailures<R>(schema: Schema<R> | undefined): Schema<R | TaskFailure> | undefined {
  if (!schema) return undefined;
  return {
    "~standard": {
      validate: (value) => {
        const message = value as JsonMessage;
        return isTaskFailure(message) ? { value: message } : schema["~standard"].validate(value);
      },
    },
  };
}
