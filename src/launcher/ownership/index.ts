// Ownership: one launcher at a time has a service.
export { readSuccessor, releaseCommand, type Successor } from "./handover.ts";
export { type LostListener, Ownership } from "./ownership.ts";
export type { BrokerLink, OwnershipOptions } from "./ownership-options.ts";
export { ownerInfo } from "./records.ts";
export {
  type ClaimOptions,
  type ClaimResult,
  describeOwner,
  type Lease,
  type OwnerInfo,
  type Permission,
} from "./types.ts";
