// Follows a fleet over a connection: three streams, one timer, and what becomes of them when the broker goes and comes.
import type { NatsConnection } from "nats";
import { watchConnection } from "../messaging/connection-watch.ts";
import type { BadMessage } from "../messaging/wire-message.ts";
import type { FleetChange } from "./change.ts";
import type { FoldCounts, WireMessage } from "./facts.ts";
import { LiveFleet } from "./live-fleet.ts";
import type { ServiceInfo } from "./service-info.ts";
import { StreamWatch } from "./stream-watch.ts";
import { STREAMS, type StreamKind, type StreamReport } from "./streams.ts";

/**
 * `reading`: what the streams hold is being read; `live`: all that can be read is, and kept up to date; `away`: the
 * broker is not there, what is known is of the time before; `ended`: not following, or the connection was closed.
 */
export type FollowState = "reading" | "live" | "away" | "ended";

export interface FleetFollowerEvents {
  change(change: FleetChange): void;
  state(state: FollowState): void;
  /** A message that could not be read or is none of the protocol's: told once for each subject. */
  bad(bad: BadMessage): void;
  /** The connection was closed: by its owner, or (`error`) because the client has given up. */
  closed(error: Error | undefined): void;
}

export interface FollowReport {
  state: FollowState;
  streams: StreamReport[];
  counts: FoldCounts;
}

const TICK_MS = 250;
/**
 * What comes is put in the order in which the broker stored it, milliseconds later: the streams are told independently
 * of each other, and a start may come after what was said since.
 */
const ORDER_MS = 50;
/** Between two ticks further apart than this the program, or the machine, stood still, milliseconds. */
const STANDSTILL_MS = 5_000;
/** Subjects of which it is remembered that something bad was told. */
const MOST_BAD_SUBJECTS = 1_000;

interface Stream {
  watch: StreamWatch;
  report: StreamReport;
  /** Read, or found to be unreadable, since it was last begun. */
  isSettled: boolean;
}

export class FleetFollower {
  readonly #events: FleetFollowerEvents;
  readonly #fleet: LiveFleet;
  readonly #streams: Readonly<Record<StreamKind, Stream>>;
  readonly #ready = Promise.withResolvers<void>();
  readonly #badSeqs = new Map<string, number>();
  #state: FollowState = "reading";
  #unwatch: () => void = () => undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #tickedAt = 0;
  /** What streams were found to have, and what came within the last moment or while they are being read. */
  #found: { kind: StreamKind; held: ReadonlySet<string> }[] = [];
  #waiting: WireMessage[] = [];
  #order: ReturnType<typeof setTimeout> | undefined;

  constructor(prefix: string, events: FleetFollowerEvents) {
    this.#events = events;
    this.#fleet = new LiveFleet(prefix, (change) => events.change(change));
    this.#streams = {
      registry: this.#stream("registry", prefix),
      status: this.#stream("status", prefix),
      heartbeat: this.#stream("heartbeat", prefix),
    };
  }

  /** Resolves when what there is has been read, or it is known why it cannot be; and when it is stopped before. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }
  get state(): FollowState {
    return this.#state;
  }

  /** Begins, or goes on over another connection. */
  use(connection: NatsConnection): void {
    this.#unwatch();
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    // It is the connection that keeps a program going.
    this.#timer.unref();
    this.#tickedAt = Date.now();
    this.#unwatch = watchConnection(connection, {
      down: () => this.#lost(),
      up: () => this.#read(connection),
      closed: (error) => this.#closed(error),
    });
    if (connection.isClosed()) this.#closed(undefined);
    else this.#read(connection);
  }

  stop(): void {
    if (this.#state === "ended") return;
    clearInterval(this.#timer);
    clearTimeout(this.#order);
    this.#unwatch();
    for (const kind of STREAMS) this.#streams[kind].watch.stop();
    this.#setState("ended");
    this.#ready.resolve();
  }

  services(): ServiceInfo[] {
    return this.#fleet.services(Date.now());
  }

  service(id: string): ServiceInfo | undefined {
    return this.#fleet.service(id, Date.now());
  }

  report(): FollowReport {
    const streams = STREAMS.map((kind) => ({ ...this.#streams[kind].report }));
    return { state: this.#state, streams, counts: { ...this.#fleet.counts } };
  }

  #stream(kind: StreamKind, prefix: string): Stream {
    const subjects = `${prefix}.${kind}.>`;
    // Of heartbeats only the last counts: after an hour's outage of a large fleet the others are a flood.
    const watch = new StreamWatch(
      { subjects, wantsMissed: kind !== "heartbeat" },
      {
        contents: ({ messages, subjects: held }) => {
          const { report } = this.#streams[kind];
          report.messages += messages.length;
          delete report.fault;
          this.#found.push({ kind, held });
          for (const message of messages) this.#waiting.push(message);
          this.#settle(kind);
        },
        message: (message) => {
          this.#streams[kind].report.messages += 1;
          this.#waiting.push(message);
          this.#order ??= setTimeout(() => this.#takeInOrder(), ORDER_MS);
        },
        bad: (bad) => {
          if (this.#isNewlyBad(bad)) this.#streams[kind].report.bad += 1;
        },
        fault: (fault) => {
          this.#streams[kind].report.fault = fault;
          this.#settle(kind);
        },
      },
    );
    return { watch, report: { kind, subjects, messages: 0, bad: 0 }, isSettled: false };
  }

  /** In the order in which the broker stored it. While the streams are being read, more is to come. */
  #takeInOrder(): void {
    this.#order = undefined;
    if (this.#state === "live") this.#takeWaiting();
  }

  #takeWaiting(): void {
    const now = Date.now();
    for (const { kind, held } of this.#found.splice(0)) this.#fleet.forgetMissing(kind, held, now);
    const waiting = this.#waiting.sort((a, b) => a.time - b.time);
    this.#waiting = [];
    for (const message of waiting) {
      const { junk } = this.#fleet.counts;
      this.#fleet.take(message, now);
      if (this.#fleet.counts.junk === junk) continue;
      const { subject, seq } = message;
      this.#isNewlyBad({ subject, seq, fault: "it is none of the protocol's" });
    }
  }

  /** Tells the first of its subject. @returns false if this very message was met before */
  #isNewlyBad(bad: BadMessage): boolean {
    const { subject, seq } = bad;
    const known = this.#badSeqs.get(subject);
    if (known === seq) return false;
    if (known === undefined && this.#badSeqs.size >= MOST_BAD_SUBJECTS) return true;
    this.#badSeqs.set(subject, seq);
    if (known === undefined) this.#events.bad(bad);
    return true;
  }

  #read(connection: NatsConnection): void {
    this.#setState("reading");
    for (const kind of STREAMS) {
      this.#streams[kind].isSettled = false;
      this.#streams[kind].watch.read(connection);
    }
  }

  /** When nothing more is to be waited for, what is known is of now. */
  #settle(kind: StreamKind): void {
    this.#streams[kind].isSettled = true;
    if (STREAMS.some((other) => !this.#streams[other].isSettled)) return;
    const now = Date.now();
    const isSilent = STREAMS.every((other) => this.#streams[other].report.fault?.reason === "timeout");
    // A connection that breaks does not always say so. Whoever answers first ends it.
    if (isSilent) this.#fleet.deafen(now);
    else if (this.#state !== "live") this.#fleet.hear(now);
    this.#takeWaiting();
    this.#fleet.settle(now);
    this.#fleet.tick(now);
    this.#setState(isSilent ? "away" : "live");
    this.#ready.resolve();
  }

  #lost(): void {
    this.#fleet.deafen(Date.now());
    for (const kind of STREAMS) this.#streams[kind].watch.stop();
    this.#setState("away");
  }

  #closed(error: Error | undefined): void {
    this.#lost();
    this.#ready.resolve();
    this.#events.closed(error);
  }

  #tick(): void {
    const now = Date.now();
    const passed = now - this.#tickedAt;
    const before = this.#tickedAt;
    this.#tickedAt = now;
    if (this.#state === "live" || this.#state === "reading")
      for (const kind of STREAMS) this.#streams[kind].watch.check();
    if (this.#state !== "live") return;
    if (passed < 0) this.#fleet.review(now);
    else if (passed > STANDSTILL_MS) {
      // What came meanwhile waits to be read.
      this.#fleet.deafen(before);
      this.#fleet.hear(now);
    } else this.#fleet.tick(now);
  }

  #setState(state: FollowState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#events.state(state);
  }
}
