// What services are made of.
export {
  BaseBlockingPermanentService,
  BasePermanentService,
  BaseService,
  BaseSingleShotService,
} from "./base-service.ts";
export { ConfigChanges, type ConfigOutcome } from "./config-changes.ts";
export { ServiceController, type ServiceControllerOptions, ServiceExitRequest } from "./controller.ts";
export { type FoundService, findService } from "./discovery.ts";
export type { ServiceExit } from "./exit.ts";
export { LIFECYCLE_STATES, Lifecycle, LifecycleError, type LifecycleState, type LifecycleStep } from "./lifecycle.ts";
export {
  config,
  registrationOf,
  type ServiceClass,
  ServiceDefinitionError,
  type ServiceOptions,
  type ServiceRegistration,
  service,
  servicesRegisteredBy,
} from "./registry.ts";
export { RequestError, ServiceRequests } from "./requests.ts";
export { commandsOf, rpc } from "./rpc.ts";
