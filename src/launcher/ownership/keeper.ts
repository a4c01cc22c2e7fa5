// Keeps the session: begins it when the broker is there, renews it in time, begins anew when somebody has ended it.
import { describeError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import type { BucketFault } from "../../messaging/bucket.ts";
import { Alarm } from "./alarm.ts";
import type { Session } from "./session.ts";

/** Whether the broker can be spoken to: a Messenger is one. */
export interface LinkStatus {
  readonly state: "connecting" | "connected" | "disconnected" | "closed";
}

export interface KeeperOptions {
  session: Session;
  link: LinkStatus;
  leaseMs: number;
  logger: Logger;
  /** Settles when the first attempt to reach the broker is over, well or not. */
  firstContact: Promise<unknown>;
  /** The longest to wait for that, milliseconds. */
  contactLimitMs: number;
  /** The session lives, and what is held must be looked at: it is new, or nobody knows what happened meanwhile. */
  onDoubt: () => void;
}

/** After a renewal that failed, the next comes after this, milliseconds. */
const RETRY_MS = 1_000;

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #alarm = new Alarm();
  readonly #settled = Promise.withResolvers<void>();
  #beating: Promise<void> | undefined;
  #reached = false;
  #inDoubt = true;
  #fault: BucketFault | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** There was a session in this run: from then on the broker decides, also while it is away. */
  get reached(): boolean {
    return this.#reached;
  }
  /** Why there is no lease now, in words. */
  get fault(): string {
    return this.#fault?.message ?? "the broker is away";
  }

  /** Runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { firstContact, contactLimitMs, link, leaseMs } = this.#options;
    const limit = setTimeout(this.#settled.resolve, contactLimitMs);
    const noBroker = () => {
      if (link.state !== "connected") this.#settled.resolve();
    };
    firstContact.then(noBroker, noBroker);
    const renewMs = leaseMs / 3;
    while (!signal.aborted) {
      await this.check();
      const isWell = link.state === "connected" ? this.#fault === undefined : true;
      await this.#alarm.wait(isWell ? renewMs : Math.min(renewMs, RETRY_MS), signal);
    }
    clearTimeout(limit);
    this.#settled.resolve();
  }

  /** The broker is there again, or somebody has touched our session. */
  lookNow(): void {
    this.#alarm.ring();
  }

  /** The broker is away: nobody knows what happens there. */
  disconnected(): void {
    this.#inDoubt = true;
  }

  /** Resolves when it is known for the first time whether there is a broker. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** Renews the session now, or begins one. One at a time. */
  check(): Promise<void> {
    this.#beating ??= this.#beat().finally(() => {
      this.#beating = undefined;
    });
    return this.#beating;
  }

  async #beat(): Promise<void> {
    const { session, link, logger, onDoubt } = this.#options;
    if (link.state !== "connected") return;
    try {
      const had = session.key !== undefined;
      const renewal = had ? await session.renew() : undefined;
      let outcome: { ok: true } | BucketFault;
      if (!renewal || (!renewal.ok && renewal.reason === "ended")) {
        if (renewal) logger.warning("the lease of this launcher was ended by another, or deleted; claiming anew");
        outcome = await session.begin();
        this.#inDoubt = true;
      } else outcome = renewal;
      if (!outcome.ok) {
        if (this.#fault?.message !== outcome.message) logger.warning(`no lease on services: ${outcome.message}`);
        this.#fault = outcome;
        return;
      }
      this.#fault = undefined;
      this.#reached = true;
      if (this.#inDoubt) onDoubt();
      this.#inDoubt = false;
    } catch (error) {
      // Nothing here may end the loop: without it the lease would lapse.
      logger.error(`ownership: ${describeError(error)}`);
    } finally {
      this.#settled.resolve();
    }
  }
}
