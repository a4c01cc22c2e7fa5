// The client: the state of a fleet, for any program.
export { describeSilence } from "./ask-launcher.ts";
export type { FoldCounts, WireMessage } from "./facts.ts";
export { type ListedService, launchersOf, type ReachedLauncher, reachLaunchers } from "./fleet-reach.ts";
export { applyMessage, createFleetState, type FleetState } from "./fleet-state.ts";
export { type FoldedSnapshot, foldSnapshot, type Snapshot, serviceInfos } from "./fold.ts";
export { giveOrder, type OrderOptions, type OrderResult, type OrderVerb } from "./orders.ts";
export { askToReload, type ReloadOptions, type ReloadResult } from "./reload.ts";
export { isNamed, type Meaning, matches, meaningOf, type Selection, selectServices } from "./select.ts";
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
  HeldBy,
  Removal,
  RestartState,
  ServiceInfo,
  ShownStatus,
  TimetableInfo,
} from "./service-info.ts";
export { type FleetSummary, type Problem, summarize } from "./summary.ts";
export { buildTree, type TreeNode, withAncestors } from "./tree.ts";
