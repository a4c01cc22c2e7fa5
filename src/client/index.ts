// The client: the state of a fleet, for any program.
export type { FoldCounts, WireMessage } from "./facts.ts";
export { applyMessage, createFleetState, type FleetState } from "./fleet-state.ts";
export { type FoldedSnapshot, foldSnapshot, type Snapshot, serviceInfos } from "./fold.ts";
export {
  type FleetSnapshot,
  ServiceControlClient,
  type ServiceControlClientOptions,
  type StreamReport,
} from "./service-control-client.ts";
export type {
  ChildInfo,
  Health,
  HeartbeatState,
  RestartState,
  ServiceInfo,
  ShownStatus,
} from "./service-info.ts";
export { type FleetSummary, type Problem, summarize } from "./summary.ts";
export { buildTree, type TreeNode, withAncestors } from "./tree.ts";
