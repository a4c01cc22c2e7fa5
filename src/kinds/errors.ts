// What can go wrong with topics and tasks, as errors.
import { TcsError } from "../common/errors.ts";

/**
 * An address in the configuration is missing, or cannot be used with the transport.
 * @cause An address of a service class for messages or tasks is missing, or not one of its transport.
 * @remedy Write a subject for "transport: nats", and tcp://HOST:PORT for "transport: zmq".
 * @example publish is missing: expected tcp://127.0.0.1:5555 (transport: zmq)
 */
export class AddressError extends TcsError {
  override readonly code = "E_ADDRESS";
}

/**
 * A word that cannot be a topic, or a topic that nobody handles.
 * @cause A topic is not a word of letters and dots, or was used before the service runs.
 * @remedy Name topics as state or weather.wind; say handlers in onStart at the latest.
 * @example "dome..state" is no topic: it has an empty part between dots
 */
export class TopicError extends TcsError {
  override readonly code = "E_TOPIC";
}

/**
 * A message that does not fit its schema, or is no JSON object: to try again would not help.
 * @cause A message or a task does not fit the schema of who receives it, or is no JSON object.
 * @remedy Correct the sender; a task that never fits is kept among the dead letters.
 * @example task: the data does not fit its schema (azimuth: expected number)
 */
export class UnfitMessageError extends TcsError {
  override readonly code = "E_UNFIT_MESSAGE";
}

/**
 * A task has taken longer than `task_timeout`.
 * @cause The handler of a task did not return within the task_timeout of its service.
 * @remedy Let it heed info.signal and give up what hangs, or raise task_timeout.
 * @example it has taken longer than task_timeout (30 s)
 */
export class TaskTimeoutError extends TcsError {
  override readonly code = "E_TASK_TIMEOUT";
}

/**
 * Nobody has taken a task, and nobody will: `message` says why.
 * @cause Nobody takes tasks on the subject, the queue is full, or the broker refuses to keep them.
 * @remedy Start a service that pulls from it; for a full queue wait, or raise its limits.
 * @example tasks.dome: the task is larger than the broker takes
 */
export class TaskNotTakenError extends TcsError {
  override readonly code = "E_TASK_NOT_TAKEN";
}

/** Its cause says that it was the stop: a service that does not catch it has not failed. */
export function notTakenBeforeStop(where: string): TaskNotTakenError {
  const cause = new DOMException("the service is stopping", "AbortError");
  return new TaskNotTakenError(`${where}: the task was not taken: the service stops`, { cause });
}
