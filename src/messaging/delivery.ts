// Events to JetStream: sent in order, each acknowledged, sent again when in doubt, given up only with a word.
import type { Msg, MsgHdrs, NatsConnection } from "nats";
import { atMost } from "../common/at-most.ts";
import { describeError } from "../common/errors.ts";
import { AckInbox } from "./ack-inbox.ts";
import { type Acknowledgement, ackLimitMs, readAnswer } from "./acknowledgement.ts";
import { type DeliveryOptions, DOUBT_MS, MOST_ATTEMPTS, PREPARE_LIMIT_MS, UNSTORED_MS } from "./delivery-options.ts";
import { ownerOf } from "./login.ts";
import { natsClient } from "./nats-client.ts";
import { Outbox, type OutboxEntry } from "./outbox.ts";
import { sizeFault } from "./too-large.ts";
import { UnstoredSubjects } from "./unstored.ts";

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #outbox: Outbox;
  readonly #inbox = new AckInbox((error, message) => this.#answered(error, message));
  #connection: NatsConnection | undefined;
  #makeHeaders: (() => MsgHdrs) | undefined;
  /** Rises at each pause and disconnect: only the latest pause may end itself. */
  #epoch = 0;
  #ready = false;
  /** What is published without waiting for an acknowledgement that cannot come. */
  readonly #unstored: UnstoredSubjects;
  #looking = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #sent = 0;
  #dropped = 0;
  readonly #emptied = new Set<() => void>();
  /** Troubles told already since the connection came up. */
  readonly #told = new Set<string>();

  readonly #noun: string;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#noun = options.noun ?? "report";
    this.#outbox = new Outbox(options.limits);
    // Who makes streams tries again by and by; who does not hears of a new one by its acknowledgements.
    this.#unstored = new UnstoredSubjects(options.prepare ? UNSTORED_MS : Number.POSITIVE_INFINITY);
  }

  /** Events acknowledged, not stored (given up or pushed out), and waiting now. */
  get counters(): { sent: number; dropped: number; buffered: number } {
    return { sent: this.#sent, dropped: this.#dropped, buffered: this.#outbox.size };
  }

  /** The number that the next event will have. */
  get nextSeq(): number {
    return this.#outbox.nextSeq;
  }

  hasRoom(bytes: number): boolean {
    return this.#outbox.hasRoom(bytes);
  }

  /** Takes an event; never throws. */
  push(subject: string, payload: Uint8Array): void {
    const full = `the buffer for ${this.#noun}s is full: the oldest are dropped until the broker takes them again`;
    const dropped = this.#outbox.push(subject, payload, ({ seq }) => this.#options.onGone?.(seq, full, false));
    if (dropped > 0) {
      this.#dropped += dropped;
      this.#tell(full);
    }
    this.#pump();
  }

  /** Counts an event that could not even be buffered. */
  drop(why: string): void {
    this.#dropped += 1;
    this.#tell(`a ${this.#noun} was not sent: ${why}`);
  }

  /** The connection is there (again): look after the streams, then send what waits. */
  async up(connection: NatsConnection): Promise<void> {
    this.#connection = connection;
    this.#unstored.clear();
    this.#told.clear();
    this.#makeHeaders = (await natsClient()).headers;
    if (this.#connection !== connection) return;
    this.#inbox.open(connection);
    await this.#pauseFor((current) => this.#prepare(current));
  }

  /** The connection is gone: everything unacknowledged waits again. */
  down(): void {
    this.#ready = false;
    this.#epoch += 1;
    this.#connection = undefined;
    // What a breaking connection has swallowed is no fault of the event.
    for (const entry of this.#outbox.sent()) entry.attempts = 0;
    this.#outbox.rewind();
    this.#stopTimer();
  }

  /** Lets go of the connection, for good. */
  close(): void {
    this.down();
    this.#inbox.close();
  }

  /** What waits for these subjects is not to be sent any more. */
  discard(isUnwanted: (subject: string) => boolean): void {
    if (this.#outbox.discard(isUnwanted) === 0) return;
    this.#tellIfEmpty();
    // They may have been all that was on its way: nothing else would send what stands behind them.
    this.#pump();
  }

  /** Publishing to this subject is not allowed: what waits for it is given up. */
  refused(subject: string): void {
    const who = this.#connection ? ownerOf(this.#connection) : "this user";
    for (const entry of [...this.#outbox.sent()]) {
      if (entry.subject === subject) this.#giveUp(entry, `the broker does not let ${who} publish to ${subject}`);
    }
    this.#pump();
  }

  /** Waits until every event is acknowledged (or given up). @returns false if that took longer */
  async flush(limitMs: number): Promise<boolean> {
    if (this.#outbox.size === 0) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const done = () => resolve(true);
    const timer = setTimeout(() => resolve(false), limitMs);
    this.#emptied.add(done);
    const empty = await promise;
    clearTimeout(timer);
    this.#emptied.delete(done);
    return empty;
  }

  /**
   * Holds sending back while `work` goes on, then sends everything unacknowledged again.
   * Only the latest of several ends the pause: a disconnect, or a newer one, takes over.
   */
  async #pauseFor(work: (connection: NatsConnection) => Promise<void>): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    this.#ready = false;
    this.#epoch += 1;
    const epoch = this.#epoch;
    this.#outbox.rewind();
    await work(connection);
    if (epoch !== this.#epoch) return;
    this.#ready = true;
    this.#pump();
  }

  async #prepare(connection: NatsConnection): Promise<void> {
    if (!this.#options.prepare) return;
    try {
      const isDone = await atMost(PREPARE_LIMIT_MS, this.#options.prepare(connection));
      if (!isDone) throw new Error("no answer from JetStream");
    } catch (error) {
      this.#options.logger?.warning(`could not look after the streams: ${describeError(error)}`);
    }
  }

  #pump(): void {
    const connection = this.#connection;
    if (!this.#ready || !connection || !this.#makeHeaders) return;
    const now = performance.now();
    for (let entry = this.#outbox.next(now); entry; entry = this.#outbox.next(now)) {
      if (entry.attempts > MOST_ATTEMPTS) {
        this.#giveUp(entry, `${entry.subject} was not acknowledged`, "unacknowledged");
        continue;
      }
      const isStored = !this.#unstored.has(entry.subject, now);
      try {
        const headers = this.#makeHeaders();
        headers.set("Nats-Msg-Id", `${this.#options.sender}-${entry.seq}`);
        const reply = this.#inbox.replyFor(entry.seq);
        // Live listeners have had what was sent before.
        if (isStored || entry.attempts === 1) connection.publish(entry.subject, entry.payload, { headers, reply });
        if (!isStored) this.#onlyLive(entry);
      } catch (error) {
        // Closed while we were sending: down() follows and puts everything back.
        if (connection.isClosed() || connection.isDraining()) return;
        const fault = sizeFault(connection, "the message", entry.payload.length) ?? describeError(error);
        this.#giveUp(entry, `${entry.subject}: ${fault}`);
      }
    }
    if (this.#outbox.inFlight > 0) this.#timer ??= setInterval(() => this.#lookForLate(), DOUBT_MS);
  }

  #answered(error: Error | null, message: Msg): void {
    if (error) {
      this.#tell(`acknowledgements cannot be received: ${describeError(error)}`);
      return;
    }
    const entry = this.#outbox.get(this.#inbox.seqOf(message));
    if (message.headers?.code === 503) {
      if (entry) this.#unheard(entry.subject);
      return;
    }
    const answer = readAnswer(message);
    if (!entry) {
      // Of what was taken for unstored: there is a stream by now.
      if (!("fault" in answer)) this.#unstored.clear();
    } else if (!("fault" in answer)) this.#acknowledged(entry, answer);
    // A stream that is full or without a leader may recover: the entry stays in flight and is sent again when late.
    else this.#tell(`the broker has not stored a ${this.#noun} on ${entry.subject}: ${answer.fault}`);
  }

  #acknowledged(entry: OutboxEntry, place: Acknowledgement): void {
    this.#sent += 1;
    this.#options.onStored(entry.subject, entry.payload, place, entry.seq);
    this.#remove(entry);
    this.#pump();
  }

  #lookForLate(): void {
    const now = performance.now();
    const connection = this.#connection;
    // A list of its own: the first suspect takes all of them back.
    for (const { subject, attempts, sentAt } of [...this.#outbox.sent()]) {
      // A live listener hides the "no responders" that tells of a missing stream: silence is suspect too.
      if (now - sentAt > ackLimitMs(attempts)) this.#suspect(subject);
      else if (connection && !this.#options.prepare && now - sentAt > DOUBT_MS)
        void this.#unstored.askOnce(connection, subject).then((isStored) => void (isStored === false && this.#letGo()));
    }
  }

  /** Nobody was there to take an event of this subject, no stream either. */
  #unheard(subject: string): void {
    if (this.#options.prepare || !this.#connection) {
      this.#suspect(subject);
      return;
    }
    // Where no streams are made there is nothing to hold the others back for.
    void this.#unstored.ask(this.#connection, subject).then((isStored) => {
      if (isStored) this.#suspect(subject);
      else if (isStored === false) this.#letGo();
    });
  }

  /** What nothing stores needs not wait for its acknowledgement. */
  #letGo(): void {
    for (const entry of [...this.#outbox.sent()]) if (this.#unstored.has(entry.subject)) this.#onlyLive(entry);
    this.#pump();
  }

  /** Publishing to `subject` is not acknowledged: find out why, then send again. */
  #suspect(subject: string): void {
    this.#unstored.suspect(subject);
    if (this.#looking) return;
    this.#looking = true;
    const { prepare } = this.#options;
    void this.#pauseFor((current) =>
      this.#unstored.lookAfterSuspects(current, prepare && (() => this.#prepare(current))),
    ).finally(() => {
      this.#looking = false;
    });
  }

  #onlyLive(entry: OutboxEntry): void {
    const why = `no stream stores ${entry.subject}: only live listeners see it`;
    if (!this.#options.liveIsEnough) {
      this.#giveUp(entry, why, "unstored");
      return;
    }
    this.#sent += 1;
    this.#remove(entry);
    this.#options.onGone?.(entry.seq, why, true);
  }

  #giveUp(entry: OutboxEntry, why: string, kind = why): void {
    this.#dropped += 1;
    this.#tell(`a ${this.#noun} was given up: ${why}`, kind);
    this.#remove(entry);
    this.#options.onGone?.(entry.seq, why, false);
  }

  #remove(entry: OutboxEntry): void {
    this.#outbox.remove(entry.seq);
    this.#tellIfEmpty();
  }

  #tellIfEmpty(): void {
    if (this.#outbox.size > 0) return;
    this.#stopTimer();
    for (const done of this.#emptied) done();
  }

  #stopTimer(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Says a thing (or the first of its kind) once in the life of a connection. */
  #tell(text: string, kind = text): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#options.logger?.warning(text);
  }
}
