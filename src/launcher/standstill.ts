// The launcher's own loop stood still: only a service in it can have done that, and none could be told apart.
import type { Logger } from "../common/logger.ts";
import type { ServiceRunner } from "./service-runner.ts";

export function tellStandstill(runners: readonly ServiceRunner[], lagMs: number, logger: Logger): void {
  const inline = runners.filter(({ row, state }) => row.home === "inline" && state === "running");
  if (inline.length === 0) return;
  const seconds = (lagMs / 1000).toFixed(1);
  const ids = inline.map(({ id }) => id).join(", ");
  logger.error(`the launcher's event loop stood still for ${seconds} s, because of one of its inline services: ${ids}`);
  for (const runner of inline) runner.tellStandstill(lagMs);
}
