// Where a service is, in a word that an operator would use.
import type { ServiceRunner } from "../service-runner.ts";

/**
 * `stopped`: by an operator; `idle`: has not been started yet; `restarting`: ended, waits for its next start;
 * `standby`: starts here when the launcher that has it is gone; `elsewhere`: another launcher has it.
 */
export type LifeWord =
  | "idle"
  | "pending"
  | "starting"
  | "running"
  | "stopping"
  | "restarting"
  | "stopped"
  | "completed"
  | "failed"
  | "standby"
  | "elsewhere";

export function lifeWord(runner: ServiceRunner): LifeWord {
  if (runner.elsewhere && runner.isAtRest) {
    return runner.elsewhere.waits ? "standby" : "elsewhere";
  }
  switch (runner.state) {
    case "waiting":
      return "restarting";
    case "ended":
      if (runner.heldBy) return "stopped";
      return runner.hasFailed ? "failed" : "completed";
    default:
      return runner.state;
  }
}

/** Why a service that does not run does not. */
export function standing({ heldBy, elsewhere, status, state }: ServiceRunner): string {
  if (elsewhere) return elsewhere.message;
  if (heldBy) return `stopped by ${heldBy.by}${heldBy.reason === undefined ? "" : ` ("${heldBy.reason}")`}`;
  return status.message ?? (state === "idle" ? "it has not been started" : status.status);
}
