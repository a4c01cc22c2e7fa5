// From a row of the configuration to what a host needs to run it.
import type { FleetConfig, ServiceRow } from "../config/types.ts";
import type { ServiceSpec } from "./protocol.ts";

/** PROTOCOL: a heartbeat every 10 s. */
export const HEARTBEAT_INTERVAL_MS = 10_000;
export const HEALTHCHECK_INTERVAL_MS = 30_000;
/** A silence that is reported, where the configuration does not say: three heartbeats. */
export const DEFAULT_WATCHDOG_MS = 30_000;

/** @param launched who runs it; absent for a service run by hand */
export function serviceSpec(
  row: ServiceRow,
  fleet: FleetConfig,
  launched?: { parent: string; runnerId: string },
): ServiceSpec {
  return {
    id: row.id,
    type: row.type,
    variant: row.variant,
    module: row.module,
    logLevel: row.logLevel,
    fields: row.fields,
    ...(row.texts ? { texts: row.texts } : {}),
    ...(row.ifKnown ? { ifKnown: row.ifKnown } : {}),
    overrides: row.overrides,
    ...launched,
    subjectPrefix: fleet.subjectPrefix,
    heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
    healthcheckIntervalMs: HEALTHCHECK_INTERVAL_MS,
    watchdogMs: row.watchdogMs || DEFAULT_WATCHDOG_MS,
    terminateDelayMs: fleet.launcher.terminateDelayMs,
  };
}
