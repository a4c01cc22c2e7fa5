// What publishers and readers have of their messenger.
import type { NatsConnection } from "nats";
import type { Logger } from "../common/logger.ts";
import type { MetaSource } from "../messaging/envelope.ts";
import type { LinkState } from "../messaging/link.ts";
import type { StandingSubscriptions } from "../messaging/standing.ts";
import type { Outgoing } from "./outgoing.ts";

export interface Wire {
  readonly state: LinkState;
  readonly connection: NatsConnection | undefined;
  /** Who speaks. */
  readonly meta: MetaSource;
  readonly logger: Logger | undefined;
  /** What goes into streams. */
  readonly outgoing: Outgoing;
  /** Subscriptions outside of streams. */
  readonly standing: StandingSubscriptions;
  /** Begins to connect, if that was not done yet. */
  start(): void;
  onStateChange(listener: (state: LinkState) => void): () => void;
  /** The connection, when it is there. @throws BrokerUnreachableError after `limitMs` @throws ClosedError */
  connected(limitMs: number): Promise<NatsConnection>;
  /** The messenger closes these before itself. @returns forgets it */
  adopt(part: Part): () => void;
}

/** A part of a messenger: a publisher, a reader. */
export interface Part {
  readonly healthStatus: { readonly kind: string; readonly subject: string };
  close(): void | Promise<void>;
}
