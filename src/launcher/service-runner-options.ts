// What a runner of a service is given.
import type { Logger } from "../common/logger.ts";
import type { ServiceRow } from "../config/types.ts";
import type { ServiceSpec } from "../host/protocol.ts";
import type { HostPool } from "./host-pool.ts";
import type { RegistryEvents } from "./registry-events.ts";
import type { RestartTurns } from "./restart-turns.ts";
import type { StartGate } from "./start-gate.ts";
import type { Watchdog } from "./watchdog.ts";

export interface ServiceRunnerOptions {
  row: ServiceRow;
  spec: ServiceSpec;
  hosts: HostPool;
  events: RegistryEvents;
  logger: Logger;
  /** Called when the state or the service's status has changed. */
  onChange: () => void;
  /** Asked before every start; by default nothing must come first. */
  gate?: StartGate;
  watchdog?: Watchdog;
  /** Restarts of the whole launcher. */
  turns: RestartTurns;
}
