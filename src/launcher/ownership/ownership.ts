// One owner for each service: claims, keeps, loses and hands over what a launcher runs.
import type { Msg, NatsConnection, Subscription } from "nats";
import { describeError } from "../../common/errors.ts";
import { type Bucket, isRemoval } from "../../messaging/bucket.ts";
import { Subjects } from "../../messaging/subjects.ts";
import { Claimer } from "./claimer.ts";
import { leaseClock } from "./clock.ts";
import { FormerBoots } from "./former-boots.ts";
import { askToRelease, type Successor } from "./handover.ts";
import { Holdings } from "./holdings.ts";
import { HostTable } from "./host-table.ts";
import { Keeper } from "./keeper.ts";
import { ownersBucket } from "./owners-bucket.ts";
import type { OwnershipOptions } from "./ownership-options.ts";
import { type Party, thisParty } from "./place.ts";
import { sessionOf } from "./records.ts";
import { Session } from "./session.ts";
import { type ClaimOptions, type ClaimResult, describeOwner, type OwnerInfo, type Permission } from "./types.ts";
import { Waiting } from "./waiting.ts";

/** @param newOwner who has it now */
export type LostListener = (serviceId: string, newOwner: OwnerInfo) => void;

const LEASE_MS = 15_000;
/** One that refuses is known at once; one that is slow, on a busy host, must not be taken for one that is not there. */
const FIRST_CONTACT_LIMIT_MS = 5_000;
/** How long an owner may take to stop a service that is taken over, milliseconds. */
const TAKEOVER_LIMIT_MS = 30_000;

export class Ownership {
  readonly #options: OwnershipOptions;
  readonly #leaseMs: number;
  readonly #me: Party;
  readonly #bucket: Bucket;
  readonly #session: Session;
  readonly #claimer: Claimer;
  readonly #keeper: Keeper;
  readonly #holdings: Holdings;
  readonly #waiting: Waiting;
  readonly #stop = new AbortController();
  readonly #loops: Promise<void>[];
  readonly #unlisten: () => void;
  #subscribed: { connection: NatsConnection; subscription: Subscription } | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: OwnershipOptions, me: Party, table: HostTable, former: FormerBoots) {
    const { link, logger, clock = leaseClock, now = Date.now } = options;
    this.#options = options;
    const leaseMs = options.leaseMs ?? LEASE_MS;
    this.#leaseMs = leaseMs;
    this.#me = me;
    const connection = () => (link.state === "connected" ? link.connection : undefined);
    const bucket = ownersBucket(options.subjectPrefix, connection, Math.min(2_000, leaseMs / 3));
    const session = new Session({ bucket, party: me, leaseMs, clock, now, onBegin: former.note });
    this.#bucket = bucket;
    this.#session = session;
    this.#claimer = new Claimer({
      bucket,
      session,
      party: me,
      prefix: options.subjectPrefix,
      alias: options.alias,
      isOfEarlierBoot: (key) => former.has(key),
      leaseMs,
      clock,
      now,
      connection,
      onEnded: (owner) =>
        logger.info(`${owner.launcher} on ${owner.host} (pid ${owner.pid}) is gone: its lease is ended`),
    });
    this.#keeper = new Keeper({
      session,
      link,
      leaseMs,
      logger,
      firstContact: options.firstContact,
      contactLimitMs: options.contactLimitMs ?? FIRST_CONTACT_LIMIT_MS,
      onDoubt: () => {
        this.#follow();
        this.#waiting.doubt(this.#holdings.ids());
      },
    });
    this.#holdings = new Holdings({ bucket, session, keeper: this.#keeper, table, logger, launcher: me.launcher, now });
    this.#waiting = new Waiting({
      keeper: this.#keeper,
      session,
      claimer: this.#claimer,
      holdings: this.#holdings,
      link,
      logger,
      leaseMs,
      clock,
    });
    this.#unlisten = link.onStateChange(() => {
      if (link.state === "connected") this.#keeper.lookNow();
      else this.#keeper.disconnected();
    });
    this.#loops = [this.#keeper.run(this.#stop.signal), this.#waiting.run(this.#stop.signal)];
  }

  /** @throws StateFolderError when this host's table cannot be used */
  static async open(options: OwnershipOptions): Promise<Ownership> {
    const me = thisParty(options.launcher, options.config, options.place);
    const table = await HostTable.open([options.subjectPrefix, ...options.servers.toSorted()], me);
    if (table.setAside !== undefined)
      options.logger.warning(`the table of this host's launchers was damaged: begun anew, kept as ${table.setAside}`);
    return new Ownership(options, me, table, new FormerBoots({ ...options, party: me }));
  }

  /**
   * Makes a service ours. Claims made together are one look at the broker.
   * @returns the lease, or who has the service; with `wait` only when it is ours
   * @throws the reason of `options.signal` when that is aborted
   */
  async claim(serviceId: string, options: ClaimOptions = {}): Promise<ClaimResult> {
    const { takeover = false, wait = false, signal } = options;
    signal?.throwIfAborted();
    const lease = this.mayStart(serviceId).ok ? this.#holdings.lease(serviceId) : undefined;
    if (lease) return { ok: true, lease };
    const first = await this.#waiting.claim(serviceId, wait && !takeover, signal);
    if (!takeover || first.ok || first.reason !== "owned") return first;
    return await this.#takeOver(serviceId, first.owner, signal);
  }

  /** Whether the service may be started in this moment. Ask right before each start, restarts too. */
  mayStart(serviceId: string): Permission {
    return this.#holdings.permission(serviceId);
  }

  /**
   * Looks whether all that was claimed is still ours. When it resolves, whoever listens to `onLost` has been told.
   * Takes as long as the broker takes to answer.
   */
  async verify(): Promise<void> {
    if (this.#holdings.ids().length === 0) return;
    await this.#keeper.check();
    this.#waiting.doubt(this.#holdings.ids());
    await this.#waiting.nextTurn();
  }

  /** Calls `listener` when a service that was ours is another's. It must be stopped here. @returns a function that ends it */
  onLost(listener: LostListener): () => void {
    return this.#holdings.onLost(listener);
  }

  /**
   * Calls `listener` when services that this launcher has run without a broker are its own by the broker's word, and
   * others had them before: what operators wanted of them there may not be known here. There is one listener.
   */
  onConfirmed(listener: (serviceIds: readonly string[]) => void): void {
    this.#holdings.onConfirmed = listener;
  }

  /** Lets go of a service, after it has stopped. @param successor who gets it, if somebody asked for it */
  async release(serviceId: string, successor?: Successor): Promise<void> {
    await this.#holdings.release([serviceId], successor);
  }

  async releaseAll(): Promise<void> {
    await this.#holdings.release(this.#holdings.ids());
  }

  /** Who has the service; undefined when nobody does, or nobody can tell. */
  async ownerOf(serviceId: string): Promise<OwnerInfo | undefined> {
    if (this.mayStart(serviceId).ok) {
      const { launcher, host, pid, config } = this.#me;
      const lease = this.#holdings.lease(serviceId);
      const kind = lease?.scope === "host" ? "host" : "lease";
      return { kind, launcher, host, pid, config, since: lease?.since, session: this.#session.key };
    }
    return await this.#claimer.ownerOf(serviceId);
  }

  /** Releases everything and ends. What runs must have been stopped. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#unlisten();
    this.#waiting.close();
    this.#stop.abort();
    await Promise.all(this.#loops);
    this.#unfollow();
    await this.releaseAll();
    await this.#session.end();
    this.#holdings.close();
  }

  async #takeOver(serviceId: string, owner: OwnerInfo, signal: AbortSignal | undefined): Promise<ClaimResult> {
    const refuse = (message: string): ClaimResult => ({ ok: false, reason: "owned", owner, message });
    const { connection } = this.#options.link;
    const { key } = this.#session;
    if (owner.kind !== "lease" || owner.launcher === undefined || !connection || key === undefined) {
      return refuse(`${serviceId} cannot be taken over: ${describeOwner(owner)} holds no lease, stop it there`);
    }
    const end = new AbortController();
    const waiting = this.#waiting.claim(serviceId, true, signal ? AbortSignal.any([signal, end.signal]) : end.signal);
    const subjects = new Subjects(this.#options.subjectPrefix);
    const successor: Successor = { ...this.#me, session: key, leaseMs: this.#leaseMs };
    const asked = askToRelease(connection, subjects, owner.launcher, serviceId, successor, TAKEOVER_LIMIT_MS);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLate = asked.then((answer) => {
      if (answer.kind === "refused") end.abort(answer.message);
      else
        timer = setTimeout(() => end.abort(`${describeOwner(owner)} did not release ${serviceId}`), 2 * this.#leaseMs);
    });
    try {
      return await waiting;
    } catch (error) {
      if (end.signal.aborted && !signal?.aborted) return refuse(String(end.signal.reason));
      throw error;
    } finally {
      end.abort("over");
      void tooLate.then(() => clearTimeout(timer));
    }
  }

  /** Hears of what is written in the bucket: only a hint to look at once, since what is refused is heard too. */
  #follow(): void {
    const { connection } = this.#options.link;
    if (!connection || this.#subscribed?.connection === connection) return;
    this.#unfollow();
    const prefix = this.#bucket.subject("").length;
    const subscription = connection.subscribe(this.#bucket.subject(">"), {
      callback: (error, message) => {
        if (error) this.#options.logger.debug(`changes of ownership are not heard at once: ${describeError(error)}`);
        else this.#heard(message.subject.slice(prefix), message);
      },
    });
    this.#subscribed = { connection, subscription };
  }

  #unfollow(): void {
    if (this.#subscribed?.connection.isClosed() === false) this.#subscribed.subscription.unsubscribe();
    this.#subscribed = undefined;
  }

  #heard(key: string, message: Msg): void {
    if (key === this.#session.key) {
      if (isRemoval(message)) this.#keeper.lookNow();
      return;
    }
    // A session that ends frees its services.
    if (!key.includes(".")) {
      if (isRemoval(message)) this.#waiting.lookAgain();
      return;
    }
    const isOurs = this.#session.key !== undefined && sessionOf(message.data) === this.#session.key;
    if (this.#waiting.has(key)) this.#waiting.lookAgain(key);
    else if (isOurs) this.#waiting.disown(key);
    else if (this.#holdings.has(key)) this.#waiting.doubt([key]);
  }
}
