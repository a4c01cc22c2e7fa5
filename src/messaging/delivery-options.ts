// What a delivery is told when it is made, and its limits.
import type { NatsConnection } from "nats";
import type { Logger } from "../common/logger.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import type { OutboxLimits } from "./outbox.ts";

export interface DeliveryOptions {
  /** Prefix of the `Nats-Msg-Id`: the sender, unique to this process. */
  sender: string;
  limits: OutboxLimits;
  logger: Logger | undefined;
  /** Makes the streams; called at each (re)connection and when one turns out to be missing. */
  prepare: ((connection: NatsConnection) => Promise<void>) | undefined;
  /** An event was stored. */
  onStored: (subject: string, payload: Uint8Array, place: Acknowledgement, seq: number) => void;
  /** An event will not be stored; `unstored`: live listeners had it, no stream takes its subject. */
  onGone?: (seq: number, why: string, unstored: boolean) => void;
  /** What only live listeners can have is as good as stored: nothing is said of it. Default: it counts as given up. */
  liveIsEnough?: boolean;
  /** What is delivered, for messages; default `report`. */
  noun?: string;
}

/** An event is given up after it was sent this often over a connection that works. */
export const MOST_ATTEMPTS = 6;
/** So long without an acknowledgement, and it is asked whether there is a stream at all, milliseconds. */
export const DOUBT_MS = 250;
/** How long a subject is taken for one that nothing stores, where streams are made (`prepare`), milliseconds. */
export const UNSTORED_MS = 10_000;
/** Least time between two looks after the streams of suspect subjects, milliseconds. */
export const LOOK_PAUSE_MS = 1_000;
/** How long `prepare` may hold events back, milliseconds. */
export const PREPARE_LIMIT_MS = 10_000;
