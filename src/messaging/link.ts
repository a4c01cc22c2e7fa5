// The connection to the broker: found, kept, and found again for ever, at a bounded rate.
import type { ConnectionOptions, NatsConnection } from "nats";
import { settlesIn } from "../common/at-most.ts";
import type { NatsSettings } from "../config/types.ts";
import { type ConnectFault, connectFault } from "./connect-fault.ts";
import { loginOptions, rememberOwner } from "./login.ts";
import { type DialOptions, natsClient } from "./nats-client.ts";

export type LinkState = "connecting" | "connected" | "disconnected" | "closed";

export interface LinkEvents {
  /** Connected, for the first time or again. */
  up(connection: NatsConnection): void;
  down(): void;
  /** The broker refused a publish: this name may not publish there. */
  refused(subject: string): void;
  /**
   * The broker is there and does not let us in. Told when it begins (the first attempt excepted: who waits for that is
   * told by `start`), and again every ten minutes. It is tried on.
   */
  barred?(fault: ConnectFault): void;
  state(state: LinkState): void;
}

/** A connection that comes and goes, or is still sought. */
export interface BrokerLink {
  readonly state: LinkState;
  readonly connection: NatsConnection | undefined;
  /** Why there is none, or was none. */
  readonly lastFault: ConnectFault | undefined;
  /** Begins. @returns a promise settled after the first attempt, whatever came of it */
  start(): Promise<void>;
  /** Ends it, within `limitMs`. */
  close(limitMs: number): Promise<void>;
}

/** How long one attempt to connect may take, milliseconds. */
const DIAL_LIMIT_MS = 3_000;
/** How often it is told that we are not let in, milliseconds. */
const BARRED_AGAIN_MS = 600_000;
/** The longest pause when we are not let in: somebody must do something about it first, milliseconds. */
const LONGEST_BARRED_PAUSE_MS = 5_000;
/** A silent broker is given up after two of these, milliseconds. */
const PING_INTERVAL_MS = 5_000;

/**
 * The pause before the next attempt, milliseconds: short at first (a broker being restarted), at most 0.4 s,
 * with jitter so that a fleet does not come back in step.
 */
export function retryDelayMs(elapsedMs: number, random = Math.random()): number {
  return Math.min(400, Math.max(20, elapsedMs / 4)) * (0.75 + random / 2);
}

export class Link implements BrokerLink {
  readonly #settings: () => NatsSettings;
  readonly #name: string;
  readonly #events: LinkEvents;
  readonly #stop = new AbortController();
  readonly #firstAttempt = Promise.withResolvers<void>();
  #connection: NatsConnection | undefined;
  #state: LinkState = "connecting";
  /** When the connection went away (or was first sought), `performance.now()`. */
  #downSince = 0;
  #lastFault: ConnectFault | undefined;
  /** Why we are not let in, as it was told last, and when (`performance.now()`). */
  #told: { why: string; at: number } | undefined;
  #loop: Promise<void> | undefined;

  /** @param settings where the broker is; a function is asked again before each attempt, until one succeeds */
  constructor(settings: NatsSettings | (() => NatsSettings), name: string, events: LinkEvents) {
    this.#settings = typeof settings === "function" ? settings : () => settings;
    this.#name = name;
    this.#events = events;
  }

  get state(): LinkState {
    return this.#state;
  }
  /** The client's connection, also while it is finding its broker again. */
  get connection(): NatsConnection | undefined {
    return this.#connection;
  }
  /** Why the last attempt failed. */
  get lastFault(): ConnectFault | undefined {
    return this.#lastFault;
  }

  /** Starts looking for the broker. @returns a promise settled after the first attempt, whatever came of it */
  start(): Promise<void> {
    this.#loop ??= this.#keepConnected();
    return this.#firstAttempt.promise;
  }

  /** Ends it, within `limitMs`: subscriptions finish what has arrived, what is written is sent. */
  async close(limitMs: number): Promise<void> {
    if (this.#state === "closed") return;
    const isUp = this.#state === "connected";
    this.#setState("closed");
    this.#stop.abort();
    this.#firstAttempt.resolve();
    const connection = this.#connection;
    if (connection && isUp && !connection.isClosed()) {
      // It hangs when the connection goes away meanwhile, and fails when someone else closes it: both are an end.
      await settlesIn(limitMs, connection.drain());
    }
    await connection?.close();
  }

  async #keepConnected(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#downSince = performance.now();
      const connection = await this.#connect();
      if (!connection) return;
      this.#connection = connection;
      void this.#follow(connection);
      this.#wentUp(connection);
      // The client reconnects by itself; it closes only by our will, or on an error it holds for final.
      const error = await connection.closed();
      this.#connection = undefined;
      this.#wentDown();
      if (error) this.#failed(error);
      await this.#pause();
    }
  }

  /** Tries until it succeeds; undefined when the link was closed meanwhile. */
  async #connect(): Promise<NatsConnection | undefined> {
    let isFirst = this.#state === "connecting";
    while (!this.#stop.signal.aborted) {
      try {
        const connection = await this.#dial();
        if (!this.#stop.signal.aborted) return connection;
        await connection.close();
      } catch (error) {
        this.#failed(error, isFirst);
      }
      isFirst = false;
      this.#firstAttempt.resolve();
      await this.#pause();
    }
    return undefined;
  }

  async #dial(): Promise<NatsConnection> {
    const { connect } = await natsClient();
    const settings = this.#settings();
    const { servers, ...options } = await this.#options(settings);
    let first = 0;
    for (let round = 1; ; round++) {
      let tried = 0;
      const connection = await connect({
        ...options,
        servers: [...servers.slice(first), ...servers.slice(0, first)],
        reconnectDelayHandler: () => {
          tried += 1;
          return this.#retryMs();
        },
      });
      rememberOwner(connection, settings);
      // The client forgets servers that fail before its first success: begin again with the one that answers.
      if (tried <= 1 || round >= servers.length) return connection;
      await connection.close();
      first = (first + tried - 1) % servers.length;
    }
  }

  async #options(settings: NatsSettings): Promise<ConnectionOptions & DialOptions & { servers: string[] }> {
    const { servers } = settings;
    return {
      ...(await loginOptions(settings)),
      servers,
      name: this.#name,
      // The first attempts are ours to see; the client's own, to find its broker again, are told by this alone.
      onDialFailed: (error) => void (this.#state === "disconnected" && this.#failed(error)),
      noRandomize: true,
      timeout: DIAL_LIMIT_MS,
      pingInterval: PING_INTERVAL_MS,
      maxReconnectAttempts: -1,
      // Rights may be given while we wait: go on asking.
      ignoreAuthErrorAbort: true,
      noAsyncTraces: true,
      // Host names by the system's own rules (/etc/hosts too), anew at each attempt.
      resolve: false,
    };
  }

  /** Listens to what the client tells of its connection, until that is closed. */
  async #follow(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (connection !== this.#connection || this.#stop.signal.aborted) return;
      if (status.type === "disconnect") {
        this.#downSince = performance.now();
        this.#wentDown();
      } else if (status.type === "reconnect") {
        this.#wentUp(connection);
      } else if (status.type === "error") {
        const about = status.permissionContext;
        if (about?.operation === "publish") this.#events.refused(about.subject);
        // What ends the connection, or keeps it from coming back; the client tells the code alone.
        if (!about) this.#failed(Object.assign(new Error(String(status.data)), { code: status.data }));
      }
    }
  }

  #wentUp(connection: NatsConnection): void {
    this.#lastFault = undefined;
    this.#told = undefined;
    this.#setState("connected");
    this.#events.up(connection);
    this.#firstAttempt.resolve();
  }

  /** @param isFirst somebody waits for this attempt, and tells of it */
  #failed(error: unknown, isFirst = false): void {
    const fault = connectFault(error, DIAL_LIMIT_MS, this.#settings());
    this.#lastFault = fault;
    if (fault.kind === "away") return;
    const now = performance.now();
    if (this.#told?.why === fault.why && now - this.#told.at < BARRED_AGAIN_MS) return;
    this.#told = { why: fault.why, at: now };
    if (!isFirst) this.#events.barred?.(fault);
  }

  #retryMs(): number {
    const elapsedMs = performance.now() - this.#downSince;
    const isBarred = this.#lastFault !== undefined && this.#lastFault.kind !== "away";
    return isBarred
      ? Math.max(retryDelayMs(elapsedMs), Math.min(LONGEST_BARRED_PAUSE_MS, elapsedMs / 4))
      : retryDelayMs(elapsedMs);
  }

  #wentDown(): void {
    if (this.#state !== "connected") return;
    this.#setState("disconnected");
    this.#events.down();
  }

  #setState(state: LinkState): void {
    if (this.#state === "closed" || this.#state === state) return;
    this.#state = state;
    this.#events.state(state);
  }

  async #pause(): Promise<void> {
    const { signal } = this.#stop;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    const timer = setTimeout(wake, this.#retryMs());
    signal.addEventListener("abort", wake);
    await promise;
    signal.removeEventListener("abort", wake);
    clearTimeout(timer);
  }
}
