// What can go wrong with topics and tasks, as errors.
import { TcsError } from "../common/errors.ts";

/** An address in the configuration is missing, or cannot be used with the transport. */
export class AddressError extends TcsError {
  override readonly code = "E_ADDRESS";
}

/** A word that cannot be a topic, or a topic that nobody handles. */
export class TopicError extends TcsError {
  override readonly code = "E_TOPIC";
}

/** A message that does not fit its schema, or is no JSON object: to try again would not help. */
export class UnfitMessageError extends TcsError {
  override readonly code = "E_UNFIT_MESSAGE";
}

/** Nobody has taken a task, and nobody will: `message` says why. */
export class TaskNotTakenError extends TcsError {
  override readonly code = "E_TASK_NOT_TAKEN";
}
