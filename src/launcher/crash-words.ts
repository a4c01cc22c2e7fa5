// What is told of a crash, to the registry and in the log.
import type { Logger } from "../common/logger.ts";
import type { ServiceRow } from "../config/types.ts";
import type { ServiceExit } from "../service/index.ts";
import type { RegistryEvents } from "./registry-events.ts";
import { describeDecision, type RestartDecision } from "./restart-policy.ts";

/**
 * @param ahead how many others that crash start before it
 * @returns the same in a line, for the status of a service that did not tell it itself
 */
export function tellCrash(
  { row, events, logger }: { row: ServiceRow; events: RegistryEvents; logger: Logger },
  exit: ServiceExit,
  decision: RestartDecision,
  ahead: number,
): string {
  const { policy } = row.restart;
  const error = exit.error ?? `exited with code ${exit.code}`;
  events.crashed({ exitCode: exit.code, restartPolicy: policy, willRestart: decision.restart, error });
  logger.error(`${row.id} ended: ${error}; ${describeDecision(decision, policy, ahead)}`);
  return `${exit.phase === "startup" ? "Startup failed" : "Crashed"}: ${error}`;
}

/** That it has ended well, and starts again all the same (`restart: always`). Its other good ends are no news. */
export function tellCleanEnd(
  { row, logger }: { row: ServiceRow; logger: Logger },
  decision: RestartDecision,
  ahead: number,
): void {
  if (decision.restart) logger.info(`${row.id} ended well; ${describeDecision(decision, row.restart.policy, ahead)}`);
}

/** That it was given up. @returns the same in a line, for its status */
export function tellLimit(
  { row, events }: { row: ServiceRow; events: RegistryEvents },
  exit: ServiceExit,
  restarts: number,
): string {
  const { max, windowMs } = row.restart;
  events.failed("restart_limit_reached", restarts);
  return `Restart limit reached (${max} in ${windowMs / 1000} s)${exit.error ? `; last: ${exit.error}` : ""}`;
}
