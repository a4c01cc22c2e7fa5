// One life of a service: what a restart makes anew.
export { Grace } from "./grace.ts";
export { isAbort, type RecordOptions, ServiceLife } from "./service-life.ts";
export { ServiceStats } from "./stats.ts";
export type { ServiceTask, TaskWork } from "./tasks.ts";
