// That a service is not this launcher's to run, and why.
import type { OwnerInfo } from "./ownership/index.ts";

export interface Elsewhere {
  /** Who runs it, as far as it is known. */
  owner?: OwnerInfo | undefined;
  /** One line: who runs it, or why nobody can tell. */
  message: string;
  /** It starts here as soon as it is free: a standby, or its owner holds no lease. */
  waits: boolean;
}
