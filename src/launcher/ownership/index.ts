// Ownership: one launcher at a time has a service.
export { readSuccessor, releaseCommand, type Successor } from "./handover.ts";
export { type BrokerLink, type LostListener, Ownership, type OwnershipOptions } from "./ownership.ts";
export {
  type ClaimOptions,
  type ClaimResult,
  describeOwner,
  type Lease,
  type OwnerInfo,
  type Permission,
} from "./types.ts";
