// The client: the state of a fleet, for any program.

export type { BadMessage } from "../messaging/wire-message.ts";
export { describeSilence } from "./ask-launcher.ts";
export { askService } from "./ask-service.ts";
export type { FleetChange } from "./change.ts";
export { NotFollowingError, ServiceSilentError } from "./errors.ts";
export type { FoldCounts, WireMessage } from "./facts.ts";
export { FleetClient, type FleetClientOptions, type ServiceListener } from "./fleet-client.ts";
export type { FleetContact } from "./fleet-contact.ts";
export type { FollowReport, FollowState } from "./fleet-follower.ts";
export { type ListedService, launchersOf, type ReachedLauncher, reachLaunchers } from "./fleet-reach.ts";
export type { FleetSnapshot } from "./fleet-snapshot.ts";
export { applyMessage, createFleetState, type FleetState } from "./fleet-state.ts";
export { type RunningVersion, readFleetVersions } from "./fleet-versions.ts";
export { type FoldedSnapshot, foldSnapshot, type Snapshot, serviceInfos } from "./fold.ts";
export { orderServices, type ServiceOrderOptions } from "./order-services.ts";
export { giveOrder, type OrderOptions, type OrderResult, type OrderVerb } from "./orders.ts";
export { askToReload, type ReloadOptions, type ReloadResult } from "./reload.ts";
export { isNamed, type Meaning, matches, meaningOf, type Selection, selectServices } from "./select.ts";
export { ServiceControlClient, type ServiceWords } from "./service-control-client.ts";
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
export type { StreamKind, StreamReport } from "./streams.ts";
export { type FleetSummary, type Problem, summarize } from "./summary.ts";
export { buildTree, type TreeNode, withAncestors } from "./tree.ts";
export { askWhy, type Why, type WhyAnswer } from "./why.ts";
