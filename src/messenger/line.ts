// A messenger's own end of the connection: begun at first use, and given up when everything on it is closed.
import type { NatsConnection } from "nats";
import { atMost } from "../common/at-most.ts";
import { describeError } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import type { NatsSettings } from "../config/types.ts";
import { brokerUnreachable } from "../messaging/connect-fault.ts";
import { MetaSource } from "../messaging/envelope.ts";
import type { BrokerLink, LinkEvents, LinkState } from "../messaging/link.ts";
import { StandingSubscriptions } from "../messaging/standing.ts";
import { waitMs } from "./arguments.ts";
import { ClosedError } from "./errors.ts";
import { type BufferOptions, Outgoing } from "./outgoing.ts";
import type { Part, Wire } from "./wire.ts";

export interface LineOptions {
  /** Who speaks: `meta.sender`. */
  name: string;
  attach: (events: LinkEvents) => BrokerLink;
  /** For errors: where the broker was looked for. */
  settings: () => NatsSettings;
  logger: Logger | undefined;
  buffer: BufferOptions;
}

/** How long the close waits for a broker that is away, milliseconds. */
const AWAY_LIMIT_MS = 300;

export class Line implements Wire {
  readonly meta: MetaSource;
  readonly logger: Logger | undefined;
  readonly outgoing: Outgoing;
  readonly standing: StandingSubscriptions;
  readonly #link: BrokerLink;
  readonly #settings: () => NatsSettings;
  readonly #listeners = new Set<(state: LinkState) => void>();
  readonly #parts = new Set<Part>();
  #isStarted = false;
  #closing: Promise<boolean> | undefined;
  /** Closing, and all that was under way is through. */
  #isOver = false;

  constructor({ name, attach, settings, logger, buffer }: LineOptions) {
    this.meta = new MetaSource(name);
    this.logger = logger;
    this.#settings = settings;
    this.outgoing = new Outgoing(buffer, logger);
    this.#link = attach({
      up: (connection) => this.outgoing.up(connection),
      down: () => this.outgoing.down(),
      refused: (subject) => this.outgoing.refused(subject),
      barred: (fault) => {
        const { message, hint } = brokerUnreachable(settings(), fault);
        logger?.warning(`${message}; it is tried again (${hint})`);
      },
      state: (state) => this.#changed(state),
    });
    this.standing = new StandingSubscriptions(this);
  }

  get state(): LinkState {
    return this.#isOver ? "closed" : this.#link.state;
  }
  get connection(): NatsConnection | undefined {
    return this.#link.connection;
  }
  get parts(): readonly Part[] {
    return [...this.#parts];
  }

  start(): void {
    void this.connect();
  }

  /** Begins to connect. @returns a promise settled after the first attempt, whatever came of it */
  connect(): Promise<void> {
    this.#isStarted = true;
    return this.#link.start();
  }

  onStateChange(listener: (state: LinkState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async connected(limitMs: number): Promise<NatsConnection> {
    const longestMs = waitMs("the time to wait for the broker", limitMs);
    this.start();
    const { promise, resolve, reject } = Promise.withResolvers<NatsConnection>();
    const look = () => {
      if (this.state === "connected" && this.connection) resolve(this.connection);
      else if (this.state === "closed") reject(new ClosedError("the messenger is closed"));
    };
    const ignore = this.onStateChange(look);
    const timer = setTimeout(() => reject(this.unreachable()), longestMs);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      ignore();
    }
  }

  unreachable(): Error {
    return brokerUnreachable(this.#settings(), this.#link.lastFault ?? { kind: "away", why: "no answer" });
  }

  adopt(part: Part): () => void {
    if (this.#isOver) throw new ClosedError("the messenger is closed");
    this.#parts.add(part);
    return () => void this.#parts.delete(part);
  }

  /** Sends what waits, works off what has come, and ends. @returns false when something could not be sent in `limitMs` */
  close(limitMs: number): Promise<boolean> {
    this.#closing ??= this.#close(limitMs, this.#link.state === "connected");
    return this.#closing;
  }

  async #close(limitMs: number, isUp: boolean): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    const left = () => Math.max(0, deadline - performance.now());
    // Readers and responders first: what their callbacks publish is to be sent too.
    await atMost(left(), Promise.allSettled(this.parts.map((part) => part.close())));
    this.#isOver = true;
    // Made meanwhile, by those callbacks.
    for (const part of this.parts) void part.close();
    this.standing.close();
    const isSent = !this.#isStarted || (await this.outgoing.flush(isUp ? left() : Math.min(left(), AWAY_LIMIT_MS)));
    this.outgoing.close();
    await this.#link.close(Math.max(100, left()));
    return isSent;
  }

  #changed(state: LinkState): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(state);
      } catch (error) {
        this.logger?.error(`messenger: ${describeError(error)}`);
      }
    }
  }
}
