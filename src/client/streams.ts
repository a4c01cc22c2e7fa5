// The streams that hold the state of a fleet, and how each was read.
import type { Snapshot } from "../messaging/snapshot.ts";

export const STREAMS = ["registry", "status", "heartbeat"] as const;
export type StreamKind = (typeof STREAMS)[number];

/** How one stream was read. */
export interface StreamReport {
  kind: StreamKind;
  /** The subjects asked for. */
  subjects: string;
  messages: number;
  /** Messages that could not be read. */
  bad: number;
  /** Why nothing can be read, if that is so. */
  fault?: Pick<Extract<Snapshot, { ok: false }>, "reason" | "message">;
}
