// What ownership is given.
import type { NatsConnection } from "nats";
import type { Logger } from "../../common/logger.ts";
import type { LinkStatus } from "./keeper.ts";

/** What ownership needs of a Messenger. */
export interface BrokerLink extends LinkStatus {
  readonly connection: NatsConnection | undefined;
  onStateChange(listener: () => void): () => void;
}

export interface OwnershipOptions {
  link: BrokerLink;
  /** Addresses of the broker: they tell fleets of one host apart while there is none. */
  servers: readonly string[];
  subjectPrefix: string;
  /** Monitor name of the launcher. */
  launcher: string;
  /** Another name that this launcher bears at times: what systemd keeps up for it under that is its own, too. */
  alias?: string;
  /** Configuration file, for people. */
  config: string;
  logger: Logger;
  /** Settles when the first attempt to connect is over, well or not: what `Messenger.open()` gives. */
  firstContact: Promise<unknown>;
  /** How long claims wait for that, milliseconds; default 5,000. */
  contactLimitMs?: number;
  /** Default 15,000. Must be longer than a dead launcher's services take to end (5 s). */
  leaseMs?: number;
  /** Monotonic clock, milliseconds. */
  clock?: () => number;
  /** Wall clock, for people, milliseconds since the epoch. */
  now?: () => number;
  /** Where this process lives (boot and pid namespace); default: as the system tells. */
  place?: string;
  /** Its id; default: as the system tells. */
  machine?: string;
}
