// What a delivery is told when it is made.
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
  /** What is delivered, for messages; default `report`. */
  noun?: string;
}
