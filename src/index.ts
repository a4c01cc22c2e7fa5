// The public API: the only thing a service imports, as "ocabox-tcs".

export { BrokerUnreachableError, NotFoundError, TcsError, UsageError } from "./common/errors.ts";
export { Logger, type LogLevel } from "./common/logger.ts";
export { VERSION } from "./common/version.ts";
export { BaseServiceConfig, baseServiceConfig, type ConfigSchema } from "./config/service-config.ts";
export { main } from "./main.ts";
export { MonitoredObject, type StatusReport } from "./monitoring/index.ts";
export { aggregateStatus, isHealthy, isOperational, Status } from "./monitoring/status.ts";
export {
  BaseBlockingPermanentService,
  BasePermanentService,
  BaseService,
  BaseSingleShotService,
  config,
  Lifecycle,
  LifecycleError,
  LifecycleService,
  type LifecycleState,
  type LifecycleStep,
  rpc,
  type ServiceClass,
  ServiceDefinitionError,
  type ServiceOptions,
  type ServiceStats,
  type ServiceTask,
  type StateObservation,
  service,
} from "./service/index.ts";
