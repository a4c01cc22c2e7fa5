// What goes over a transport: messages on topics, tasks and results, and how a result is known to be that of a task.
import type { JsonMessage } from "../zmtp/experimance.ts";

export type { Heartbeat, JsonMessage } from "../zmtp/experimance.ts";

/** The field that ties a result to its task. */
export const TASK_ID = "task_id";

/** What is known of a task besides its own fields. */
export interface TaskInfo {
  /** Its `task_id`: the same in the result. Undefined for a task of a foreign program without one. */
  readonly taskId: string | undefined;
  /** Counted from 1: a task that was begun before and failed comes again (over NATS); what a stop has handed back does not count. */
  readonly attempt: number;
  /** Aborted when the task is taken away: the service had to stop before it was done, or `task_timeout` is over. */
  readonly signal: AbortSignal;
}

/** What a controller is told of a task that has failed for good. */
export interface TaskFailure extends JsonMessage {
  type: "TaskFailed";
  task_id?: string;
  /** One line. */
  error: string;
  attempts: number;
  /** Id of the service that tells it. */
  service: string;
}

export function isTaskFailure(message: JsonMessage): message is TaskFailure {
  return message.type === "TaskFailed" && typeof message.error === "string";
}

/** The task's id, if it has one. */
export function taskIdOf(message: JsonMessage): string | undefined {
  const { task_id: id } = message;
  // Experimance's tasks have text; other programs count.
  return typeof id === "string" ? id : typeof id === "number" ? String(id) : undefined;
}
