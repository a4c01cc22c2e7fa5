// Configuration, without the schemas of services (service-config.ts, which needs zod).
export { configFolder, isFolder } from "./config-files.ts";
export { loadEnv } from "./dotenv.ts";
export { ConfigError, type ConfigIssue, formatIssue } from "./errors.ts";
export { adoptEnv, changedNames, type FleetReading, FleetSource, type FleetSourceOptions } from "./fleet-source.ts";
export {
  DEFAULT_TERMINATE_DELAY_MS,
  type FleetOptions,
  type FleetTextOptions,
  loadFleet,
  loadFleetText,
} from "./load-fleet.ts";
export { loadServiceRow, type ServiceRowOptions } from "./load-service-row.ts";
export {
  DEFAULT_SUBJECT_PREFIX,
  type NatsFlags,
  type NatsSection,
  readNatsSection,
  resolveNats,
  resolveSubjectPrefix,
} from "./nats.ts";
export {
  type ConfigOverlay,
  isFileOnly,
  isFor,
  type OverlayEntry,
  originName,
  REMOTE_SETTINGS,
  type Scope,
} from "./overlay.ts";
export { positionOf, toConfigIssues, toRefusal } from "./row-source.ts";
export type * from "./types.ts";
export { HOMES, RESTART_POLICIES, ROW_KEYS } from "./types.ts";
