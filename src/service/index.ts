// What services are made of.
export {
  BaseBlockingPermanentService,
  BasePermanentService,
  BaseService,
  BaseSingleShotService,
} from "./base-service.ts";
export { ConfigChanges, type ConfigOutcome } from "./config-changes.ts";
export { ServiceController } from "./controller.ts";
export type { PreparedService, ServiceControllerOptions } from "./controller-options.ts";
export { type FoundService, findService } from "./discovery.ts";
export { ServiceDefinitionError } from "./errors.ts";
export type { ServiceExit } from "./exit.ts";
export { ServiceExitRequest } from "./exit-request.ts";
export { type RecordOptions, ServiceStats, type ServiceTask, type TaskWork } from "./life/index.ts";
export {
  LIFECYCLE_STATES,
  Lifecycle,
  LifecycleError,
  type LifecycleState,
  type LifecycleStep,
  StateObservation,
  type WaitOptions,
} from "./lifecycle/index.ts";
export { LifecycleService } from "./lifecycle-service.ts";
export {
  config,
  registrationOf,
  type ServiceClass,
  type ServiceOptions,
  type ServiceRegistration,
  service,
  servicesRegisteredBy,
} from "./registry.ts";
export { ServiceRequests } from "./requests.ts";
export { commandsOf, rpc } from "./rpc.ts";
