// The states of a service, what may follow what, and which of them each lifecycle method passes through.
import { TcsError } from "../../common/errors.ts";

export const LIFECYCLE_STATES = [
  "initializing",
  "initialized",
  "starting",
  "started",
  "running",
  "stopping",
  "stopped",
  "failed",
] as const;
export type LifecycleState = (typeof LIFECYCLE_STATES)[number];

/** The states from which each state may be entered. */
export const VALID_FROM = {
  initializing: ["stopped", "failed"],
  initialized: ["initializing"],
  starting: ["initialized"],
  started: ["starting"],
  running: ["started"],
  stopping: ["initializing", "initialized", "starting", "started", "running", "failed"],
  stopped: ["stopping"],
  failed: ["initializing", "initialized", "starting", "started", "running", "stopping"],
} as const satisfies Record<LifecycleState, readonly LifecycleState[]>;

/** The state that each lifecycle method is in while its body runs, and the one that its return completes. */
export const LIFECYCLE_METHODS = {
  start: { progress: "starting", completed: "started" },
  run: { progress: "running", completed: undefined },
  stop: { progress: "stopping", completed: "stopped" },
} as const satisfies Record<string, { progress: LifecycleState; completed: LifecycleState | undefined }>;
export type LifecycleMethod = keyof typeof LIFECYCLE_METHODS;

export interface LifecycleStep {
  state: LifecycleState;
  /** Monotonic clock (`performance.now()`), milliseconds. */
  atMs: number;
}

/** @throws LifecycleError for a word that is none: it would never be reached */
export function checkState(state: LifecycleState): void {
  if (LIFECYCLE_STATES.includes(state)) return;
  throw new LifecycleError(`"${state}" is no state of a service, expected ${LIFECYCLE_STATES.join(", ")}`);
}

/**
 * A transition that the lifecycle does not allow, or a state that was not reached.
 * @cause A service with a lifecycle was moved to a state that cannot follow the one that it is in.
 * @remedy Wait for the state first, or call the method that leads to it (docs/lifecycle.md).
 * @example start() of a service that is disabled: expected standby
 */
export class LifecycleError extends TcsError {
  override readonly code = "E_LIFECYCLE";
}
