// The states of a service.
export { Levels, type LifecycleMethods } from "./levels.ts";
export { Lifecycle, type LifecycleOptions, type WaitOptions } from "./lifecycle.ts";
export { StateObservation } from "./observation.ts";
export {
  LIFECYCLE_METHODS,
  LIFECYCLE_STATES,
  LifecycleError,
  type LifecycleMethod,
  type LifecycleState,
  type LifecycleStep,
  VALID_FROM,
} from "./states.ts";
