// Declarations that are no longer true: the launcher has said so, or has started since without the service.
import type { FleetState, ServiceRecord } from "./fleet-state.ts";
import type { Lifecycle } from "./lifecycle.ts";

/** A launcher's monitor may start this long after it declared its services, milliseconds. */
const START_TOLERANCE_MS = 30_000;

/**
 * True if `life` was declared by a launcher that has since taken it back, or begun a new round which does not include
 * it. Hiding a broken service is worse than showing a removed one, so a new round is believed only
 * - of anything silent or ended, if the launcher tells its uptime and started after the declaration (a reload that
 *   declares one service more proves nothing about the others);
 * - of a service that was stopped, if its launcher has spoken and declared others since (the Python framework: no
 *   uptime, no reload, all services of a round declared before any starts).
 */
export function isRemoved(state: FleetState, life: Lifecycle): boolean {
  const { declaredTime, parent, stopTime } = life;
  if (life.removal) return true;
  if (declaredTime === undefined || parent === undefined) return false;
  const wasStopped = life.phase === "stop" && stopTime !== undefined && stopTime > declaredTime;
  const launcher = state.records.get(parent);
  const began = launcherStart(launcher);
  if (began === undefined) {
    const newRound = Math.min(state.lastDeclared.get(parent) ?? 0, launcher?.status?.at ?? 0);
    return wasStopped && stopTime < newRound;
  }
  // Restarted within the tolerance: a stop in between shows that there were two rounds.
  return declaredTime < began - START_TOLERANCE_MS || (wasStopped && stopTime < began);
}

function launcherStart(launcher: ServiceRecord | undefined): number | undefined {
  const beat = launcher?.heartbeat;
  return beat?.uptimeSeconds === undefined ? undefined : beat.at - beat.uptimeSeconds * 1000;
}
