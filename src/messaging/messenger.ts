// The Messenger: one program's voice on NATS. Events survive outages, beats do not wait, nothing here throws at a service.
import type { NatsConnection } from "nats";
import { atMost } from "../common/at-most.ts";
import { type BrokerUnreachableError, describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import type { Logger } from "../common/logger.ts";
import { countOf } from "../common/plural.ts";
import type { NatsSettings } from "../config/types.ts";
import { BorrowedLink } from "./borrowed-link.ts";
import { brokerUnreachable } from "./connect-fault.ts";
import { Delivery } from "./delivery.ts";
import { encode, MetaSource } from "./envelope.ts";
import type { LineCarrier, OfferedLine } from "./line-carrier.ts";
import { type BrokerLink, Link, type LinkEvents, type LinkState } from "./link.ts";
import { natsClient } from "./nats-client.ts";
import type { OutboxLimits } from "./outbox.ts";
import { Reminder } from "./reminder.ts";
import type { ReportSink } from "./report-sink.ts";

/** `connecting`: never connected yet; `disconnected`: it was, and will be again. */
export type MessengerState = LinkState;

export interface MessengerOptions {
  /** Where the broker is; a function is asked again before each attempt, until one succeeds. */
  settings: NatsSettings | (() => NatsSettings);
  /** An open connection to use: it stays its owner's, who closes it. Then `settings` only says in errors where it goes. */
  connection?: NatsConnection;
  /** Name of the connection, as the broker's monitoring shows it. */
  name: string;
  logger?: Logger;
  /** Makes the streams: called after each (re)connection before buffered events are sent, and when one is missing. */
  prepare?: (connection: NatsConnection) => Promise<void>;
  /** Bounds of the buffer for events. */
  limits?: OutboxLimits;
  /** How often to look whether the streams still have what was said, milliseconds; default 30,000. */
  lookMs?: number;
}

export interface OpenOptions {
  /** Give up after this many milliseconds; by default never when the broker is required. */
  timeoutMs?: number;
  /** Called once if the first attempt fails and the broker is required, before waiting; `why` is one line. */
  onWaiting?: (why: string) => void;
}

/** A beat that could not be sent yet says nothing any more after this, milliseconds: the next one is due. */
const BEAT_LIFE_MS = 10_000;
/** How long close() waits for a broker that is away, milliseconds. */
const AWAY_LIMIT_MS = 300;

export class Messenger implements ReportSink, LineCarrier {
  readonly #settings: () => NatsSettings;
  readonly #logger: Logger | undefined;
  readonly #meta = new MetaSource();
  readonly #link: BrokerLink;
  readonly #delivery: Delivery;
  readonly #reminder: Reminder;
  readonly #listeners = new Set<(state: MessengerState) => void>();
  readonly #prepared = Promise.withResolvers<"ready" | "closed">();
  /** The latest beat of each subject, while there is no broker (or no stream yet) to take it. */
  readonly #heldBeats = new Map<string, { payload: Uint8Array; at: number }>();
  #isReady = false;
  /** Rises when the connection comes, and when it goes: only what the latest has prepared counts. */
  #turn = 0;
  #closing: Promise<void> | undefined;

  constructor(options: MessengerOptions) {
    const { settings, connection } = options;
    this.#settings = typeof settings === "function" ? settings : () => settings;
    this.#logger = options.logger;
    const { logger, prepare, lookMs, limits = {} } = options;
    this.#reminder = new Reminder({ logger, prepare, lookMs });
    const onStored: Reminder["stored"] = (...stored) => this.#reminder.stored(...stored);
    this.#delivery = new Delivery({ sender: this.#meta.sender, limits, logger, prepare, onStored });
    const events: LinkEvents = {
      up: (connection) => {
        const turn = ++this.#turn;
        const ready = () => {
          if (turn === this.#turn) this.#ready(connection);
        };
        void this.#delivery.up(connection).then(ready, this.#failed);
      },
      down: () => {
        this.#turn += 1;
        this.#isReady = false;
        this.#reminder.down();
        this.#delivery.down();
      },
      refused: (subject) => this.#delivery.refused(subject),
      barred: (fault) => {
        const { message, hint } = brokerUnreachable(this.#settings(), fault);
        this.#logger?.warning(`${message}; it is tried again (${hint})`);
      },
      state: (state) => this.#changed(state),
    };
    this.#link = connection ? new BorrowedLink(connection, events) : new Link(this.#settings, options.name, events);
  }

  get sender(): string {
    return this.#meta.sender;
  }
  get state(): MessengerState {
    return this.#link.state;
  }
  /** The client's own connection, for readers and RPC; undefined until the first success. */
  get connection(): NatsConnection | undefined {
    return this.#link.connection;
  }
  /** Events the broker has stored (`sent`), has not and will not (`dropped`), and that wait (`buffered`). */
  get counters(): { sent: number; dropped: number; buffered: number } {
    return this.#delivery.counters;
  }

  /**
   * Starts to connect, and goes on for ever in the background. Returns when connected and prepared; when the broker
   * is not required, also after a first attempt that failed (then see `state` and `unreachable()`).
   * @throws BrokerUnreachableError when it is required and `timeoutMs` has passed, or close() was called meanwhile
   */
  async open(options: OpenOptions = {}): Promise<void> {
    const { required } = this.#settings();
    const first = this.#link.start();
    const limit = timeLimit(options.timeoutMs);
    try {
      await Promise.race([first, limit.passed]);
      if (this.state !== "connected" && required && !limit.isOver()) {
        const why = this.unreachable().message;
        this.#logger?.warning(`${why}; waiting for it`);
        options.onWaiting?.(why);
      }
      if (this.state !== "connected" && !required) return;
      const ready = await Promise.race([this.#prepared.promise, limit.passed]);
      if (required && ready !== "ready") throw this.unreachable();
    } finally {
      limit.cancel();
    }
  }

  /** The error that says where the broker was looked for and why it was not found. */
  unreachable(): BrokerUnreachableError {
    return brokerUnreachable(this.#settings(), this.#link.lastFault ?? { kind: "away", why: "no answer" });
  }

  event(subject: string, data: JsonObject): void {
    if (this.state === "closed") {
      this.#delivery.drop("the messenger is closed");
      return;
    }
    // Encoded now: the caller may change `data` afterwards, and meta.ts is the time of the event.
    const payload = this.#encode(subject, data);
    if (payload) this.#delivery.push(subject, payload);
  }

  beat(subject: string, data: JsonObject): void {
    if (this.state === "closed") return;
    const payload = this.#encode(subject, data);
    if (!payload) return;
    if (this.#isReady) this.#publishBeat(subject, payload);
    else this.#heldBeats.set(subject, { payload, at: performance.now() });
  }

  /** Connected, and the streams have been looked after. */
  get isReady(): boolean {
    return this.#isReady;
  }

  async offer(lines: readonly OfferedLine[]): Promise<boolean> {
    const { connection } = this;
    const { headers } = await natsClient();
    if (!connection || !this.#isReady) return false;
    for (const { subject, data, id } of lines) {
      const header = headers();
      header.set("Nats-Msg-Id", `${this.sender}-log-${id}`);
      try {
        connection.publish(subject, encode({ data, meta: this.#meta.next() }), { headers: header });
      } catch (error) {
        // Larger than this broker takes; of a connection that has gone the round trip tells.
        this.#logger?.debug(`a line on ${subject} was not sent: ${describeError(error)}`);
      }
    }
    // Fails when the connection goes before the broker has answered.
    return await connection.flush().then(
      () => true,
      () => false,
    );
  }

  /** Forgets events, sent or not, as of a service that others speak for now. */
  discard(isUnwanted: (subject: string) => boolean): void {
    this.#delivery.discard(isUnwanted);
    this.#reminder.forget(isUnwanted);
    for (const subject of [...this.#heldBeats.keys()]) if (isUnwanted(subject)) this.#heldBeats.delete(subject);
  }

  /** Calls `listener` at each change of state. @returns a function that ends it */
  onStateChange(listener: (state: MessengerState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Round trip to the broker, milliseconds. @throws BrokerUnreachableError when it is away or does not answer in `limitMs` (default 2 s) */
  async ping(limitMs = 2_000): Promise<number> {
    const { connection } = this;
    if (!connection || this.state !== "connected") throw this.unreachable();
    const start = performance.now();
    // It fails when the connection goes.
    if (!(await atMost(limitMs, connection.flush()).catch(() => false))) throw this.unreachable();
    return performance.now() - start;
  }

  /** Waits until every event is with the broker. @returns false if that took longer than `limitMs` */
  flush(limitMs: number): Promise<boolean> {
    return this.#delivery.flush(limitMs);
  }

  /**
   * Sends what is left, then closes; takes at most `limitMs` (default 2 s), much less when the broker is away.
   * @param options.quiet does not tell of reports that could not be sent
   */
  close(options: { limitMs?: number; quiet?: boolean } = {}): Promise<void> {
    this.#closing ??= this.#close(options.limitMs ?? 2_000, options.quiet === true);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(limitMs: number, quiet: boolean): Promise<void> {
    const deadline = performance.now() + limitMs;
    const sent = await this.flush(this.state === "connected" ? limitMs : Math.min(limitMs, AWAY_LIMIT_MS));
    if (!sent && !quiet) {
      const unsent = countOf(this.counters.buffered, "report");
      this.#logger?.warning(`closed with ${unsent} not sent; ${this.unreachable().message}`);
    }
    this.#prepared.resolve("closed");
    this.#reminder.down();
    await this.#link.close(Math.max(100, deadline - performance.now()));
    this.#delivery.close();
  }

  /** Connected, and the streams are there: one recent beat of each who beats, so that a new fleet is seen alive at once. */
  #ready(connection: NatsConnection): void {
    this.#prepared.resolve("ready");
    if (this.connection !== connection || this.state !== "connected") return;
    this.#isReady = true;
    for (const [subject, { payload, at }] of this.#heldBeats) {
      if (performance.now() - at < BEAT_LIFE_MS) this.#publishBeat(subject, payload);
    }
    this.#heldBeats.clear();
    this.#reminder.up(connection);
  }

  #publishBeat(subject: string, payload: Uint8Array): void {
    this.#reminder.published(subject);
    try {
      this.connection?.publish(subject, payload);
    } catch (error) {
      this.#logger?.debug(`a heartbeat on ${subject} was not sent: ${describeError(error)}`);
    }
  }

  #encode(subject: string, data: JsonObject): Uint8Array | undefined {
    try {
      return encode({ data, meta: this.#meta.next() });
    } catch (error) {
      this.#delivery.drop(`${subject}: its data is no JSON (${describeError(error)})`);
      return undefined;
    }
  }

  #changed(state: MessengerState): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(state);
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  readonly #failed = (error: unknown): void => {
    this.#logger?.error(`messenger: ${describeError(error)}`);
  };
}

function timeLimit(limitMs: number | undefined): { passed: Promise<undefined>; isOver(): boolean; cancel(): void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let over = false;
  const timer =
    limitMs === undefined
      ? undefined
      : setTimeout(() => {
          over = true;
          resolve(undefined);
        }, limitMs);
  return { passed: promise, isOver: () => over, cancel: () => clearTimeout(timer) };
}
