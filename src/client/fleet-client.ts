// A fleet, seen: what `tcs status` shows, once or as it changes.
import type { NatsConnection } from "nats";
import { BrokerUnreachableError } from "../common/errors.ts";
import { readLastPerSubject } from "../messaging/snapshot.ts";
import type { BadMessage } from "../messaging/wire-message.ts";
import type { FleetChange } from "./change.ts";
import { ChangeQueue } from "./change-queue.ts";
import { NotFollowingError } from "./errors.ts";
import { FleetFollower, type FollowReport, type FollowState } from "./fleet-follower.ts";
import type { FleetSnapshot } from "./fleet-snapshot.ts";
import { foldSnapshot } from "./fold.ts";
import type { ServiceInfo } from "./service-info.ts";
import type { StreamKind, StreamReport } from "./streams.ts";
import { buildTree, type TreeNode } from "./tree.ts";

export interface FleetClientOptions {
  /** Default `svc`. */
  subjectPrefix?: string;
  /** The longest one reading may take, milliseconds; default 5,000. */
  limitMs?: number;
}

/** @param previous what was known before; undefined for what is new */
export type ServiceListener = (service: ServiceInfo, previous: ServiceInfo | undefined) => void;

/**
 * Reads and follows the state of a fleet over an open connection, which stays the caller's to close. It only looks:
 * `ServiceControlClient` can do that too, and act.
 * What a listener throws is thrown again outside of the client, as an uncaught error: it is the program's own.
 */
export class FleetClient {
  readonly subjectPrefix: string;
  /** Called while following at every change, starts and stops too; not for heartbeats that come as expected. */
  onServiceUpdate: ServiceListener | undefined;
  /** Called while following when something was started, or started anew. */
  onServiceStart: ServiceListener | undefined;
  /** Called while following when something ended, well or not: the service tells. */
  onServiceStop: ServiceListener | undefined;
  /** Called when the broker goes and comes back. */
  onFollowState: ((state: FollowState) => void) | undefined;
  /** Called once for each subject with messages that cannot be read; they are skipped. */
  onBadMessage: ((bad: BadMessage) => void) | undefined;
  #connection: NatsConnection;
  readonly #limitMs: number;
  #follower: FleetFollower | undefined;
  /** Between `startFollowing` and `stopFollowing`. */
  #isStarted = false;
  /** How many `follow`, and what is on its way to them. */
  #users = 0;
  readonly #readers = new Set<ChangeQueue>();

  constructor(connection: NatsConnection, options: FleetClientOptions = {}) {
    this.#connection = connection;
    this.subjectPrefix = options.subjectPrefix ?? "svc";
    this.#limitMs = options.limitMs ?? 5_000;
  }

  get connection(): NatsConnection {
    return this.#connection;
  }

  /** Goes on over another connection to the same fleet, when the one before was closed for good. */
  useConnection(connection: NatsConnection): void {
    if (connection === this.#connection) return;
    this.#connection = connection;
    this.#follower?.use(connection);
  }

  /**
   * The services known now: running, freshly broken, or missing while they should run; with `includeStopped` every id
   * ever heard of. A stream that cannot be read counts as empty: `readFleet` tells.
   */
  async listServices(options: { includeStopped?: boolean } = {}): Promise<ServiceInfo[]> {
    const { services } = await this.readFleet();
    return choose(services, options);
  }

  /** What is known of one id (as `hello_world.main`); undefined when nothing is. */
  async getService(serviceId: string): Promise<ServiceInfo | undefined> {
    const { services } = await this.readFleet();
    return services.find((info) => info.serviceId === serviceId);
  }

  /** Everything known, and how it was read. Never rejects for what the messages or the streams are. */
  async readFleet(): Promise<FleetSnapshot> {
    const began = performance.now();
    const [registry, status, heartbeat] = await Promise.all([
      this.#read("registry"),
      this.#read("status"),
      this.#read("heartbeat"),
    ]);
    const { services, counts } = foldSnapshot(
      { registry: registry.messages, status: status.messages, heartbeat: heartbeat.messages },
      Date.now(),
      this.subjectPrefix,
    );
    const streams = [registry.report, status.report, heartbeat.report];
    return { services, streams, counts, milliseconds: performance.now() - began };
  }

  /**
   * Keeps the state of the fleet up to date from now on, over outages of the broker, and calls the listeners at each
   * change. Resolves when the present state has been read; while the broker is away it waits. A stream that cannot be
   * read does not hold it up, and is tried again for ever. What is there already is not told; `getCurrentServices`
   * has it.
   * @throws BrokerUnreachableError when the connection is closed
   */
  async startFollowing(): Promise<void> {
    this.#isStarted = true;
    const follower = this.#begin();
    await follower.ready;
    if (!this.#connection.isClosed() || this.#follower !== follower) return;
    this.stopFollowing();
    throw closed();
  }

  /** No listener is called any more. What is followed by `follow` goes on. */
  stopFollowing(): void {
    this.#isStarted = false;
    this.#endIfUnused();
  }

  /**
   * The changes as they happen, from everything that is `known` at first. Ends with `signal`, or when the connection
   * is closed by its owner. A reader that is so slow that tens of thousands of changes wait gets the latest of each
   * service instead of each.
   * @throws BrokerUnreachableError when the client of the connection gives up for good
   */
  async *follow(signal?: AbortSignal): AsyncGenerator<FleetChange, void> {
    if (signal?.aborted) return;
    const queue = new ChangeQueue();
    const end = () => queue.end();
    signal?.addEventListener("abort", end, { once: true });
    this.#users += 1;
    try {
      const follower = this.#begin();
      await Promise.race([follower.ready, queue.ended]);
      if (this.#connection.isClosed()) throw closed();
      for (const service of follower.services()) queue.push({ type: "known", service });
      this.#readers.add(queue);
      yield* queue;
    } finally {
      signal?.removeEventListener("abort", end);
      this.#readers.delete(queue);
      this.#users -= 1;
      this.#endIfUnused();
    }
  }

  /** `ended` when not following. */
  get followState(): FollowState {
    return this.#follower?.state ?? "ended";
  }

  /** How the streams are read, and what was odd in them; undefined when not following. */
  followReport(): FollowReport | undefined {
    return this.#follower?.report();
  }

  /**
   * The state that is followed, with ages as of now, in order of id; chosen as `listServices` does.
   * @throws TcsError when not following
   */
  getCurrentServices(options: { includeStopped?: boolean } = {}): ServiceInfo[] {
    return choose(this.#following().services(), options);
  }

  /** @throws TcsError when not following */
  getCurrentService(serviceId: string): ServiceInfo | undefined {
    return this.#following().service(serviceId);
  }

  /** The same as a tree: launchers, what they run, and the parts of that. @throws TcsError when not following */
  getCurrentTree(options: { includeStopped?: boolean } = {}): TreeNode[] {
    return buildTree(this.getCurrentServices(options));
  }

  #following(): FleetFollower {
    if (this.#follower) return this.#follower;
    throw new NotFollowingError("the fleet is not followed", {
      hint: "call startFollowing() first, or listServices() instead",
    });
  }

  #begin(): FleetFollower {
    if (this.#follower) return this.#follower;
    const follower = new FleetFollower(this.subjectPrefix, {
      change: (change) => this.#changed(change),
      state: (state) => this.#call(() => this.onFollowState?.(state)),
      bad: (bad) => this.#call(() => this.onBadMessage?.(bad)),
      closed: (error) => {
        for (const queue of this.#readers) queue.end(error && closed(error));
      },
    });
    this.#follower = follower;
    follower.use(this.#connection);
    return follower;
  }

  #endIfUnused(): void {
    if (this.#isStarted || this.#users > 0) return;
    const follower = this.#follower;
    this.#follower = undefined;
    follower?.stop();
  }

  #changed(change: FleetChange): void {
    for (const queue of this.#readers) queue.push(change);
    if (!this.#isStarted) return;
    const { type, service, previous } = change;
    if (type === "start") this.#call(() => this.onServiceStart?.(service, previous));
    if (type === "stop") this.#call(() => this.onServiceStop?.(service, previous));
    this.#call(() => this.onServiceUpdate?.(service, previous));
  }

  #call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      // The program's own error, told as such; here it would leave the state half changed.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  async #read(kind: StreamKind) {
    const subjects = `${this.subjectPrefix}.${kind}.>`;
    const snapshot = await readLastPerSubject(this.#connection, subjects, { limitMs: this.#limitMs });
    const messages = snapshot.ok ? snapshot.messages : [];
    const report: StreamReport = snapshot.ok
      ? { kind, subjects, messages: messages.length, bad: snapshot.bad }
      : { kind, subjects, messages: 0, bad: 0, fault: { reason: snapshot.reason, message: snapshot.message } };
    return { messages, report };
  }
}

function choose(services: ServiceInfo[], { includeStopped = false }: { includeStopped?: boolean }): ServiceInfo[] {
  return includeStopped ? services : services.filter((info) => info.current);
}

function closed(cause?: Error): BrokerUnreachableError {
  return new BrokerUnreachableError("the connection to the broker is closed", cause ? { cause } : {});
}
