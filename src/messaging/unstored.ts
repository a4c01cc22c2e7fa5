// Subjects that no stream stores: what was found out once is remembered, not asked again for each event.
import { setTimeout as delay } from "node:timers/promises";
import type { NatsConnection } from "nats";
import { EVERYTHING, missingOf } from "./acknowledgement.ts";
import { LOOK_PAUSE_MS } from "./delivery-options.ts";

/** So many subjects are remembered: of more the oldest are found out again. */
const MOST_SUBJECTS = 10_000;

export class UnstoredSubjects {
  readonly #forMs: number;
  /** Until when, `performance.now()`; by subject, or `>` for all. */
  readonly #until = new Map<string, number>();
  readonly #asking = new Set<string>();
  /** Were asked about for their slowness, and there is a stream. */
  readonly #slow = new Set<string>();
  /** Their events are not acknowledged, and nobody knows why. */
  readonly #suspects = new Set<string>();
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** @param forMs how long a subject is taken for one that nothing stores, milliseconds; Infinity: until `clear` */
  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  has(subject: string, now = performance.now()): boolean {
    if (this.#until.size === 0) return false;
    return Math.max(this.#until.get(subject) ?? 0, this.#until.get(EVERYTHING) ?? 0) > now;
  }

  #add(subjects: readonly string[]): void {
    for (const subject of subjects) {
      this.#until.delete(subject);
      this.#until.set(subject, performance.now() + this.#forMs);
    }
    for (const oldest of this.#until.keys()) {
      if (this.#until.size <= MOST_SUBJECTS) break;
      this.#until.delete(oldest);
    }
  }

  /** @returns whether a stream stores the subject (or nobody can tell); undefined when that is being asked already */
  async ask(connection: NatsConnection, subject: string): Promise<boolean | undefined> {
    if (this.#asking.has(subject)) return undefined;
    this.#asking.add(subject);
    const missing = await missingOf(connection, [subject]);
    this.#asking.delete(subject);
    this.#add(missing);
    return missing.length === 0;
  }

  /** The same, once for each subject: that a stream is slow says nothing new. */
  async askOnce(connection: NatsConnection, subject: string): Promise<boolean | undefined> {
    if (this.#slow.has(subject)) return undefined;
    const isStored = await this.ask(connection, subject);
    if (isStored && this.#slow.size < MOST_SUBJECTS) this.#slow.add(subject);
    return isStored;
  }

  /** Is to be looked after. */
  suspect(subject: string): void {
    this.#suspects.add(subject);
  }

  /** Asks about all suspects, at most once a second. @param make makes streams, where some have none */
  async lookAfterSuspects(connection: NatsConnection, make: (() => Promise<void>) | undefined): Promise<void> {
    const sinceLast = performance.now() - this.#lookedAt;
    // A moment at least: answers about other subjects of the same burst are under way.
    await delay(Math.max(20, LOOK_PAUSE_MS - sinceLast));
    this.#lookedAt = performance.now();
    const subjects = [...this.#suspects];
    this.#suspects.clear();
    let missing = await missingOf(connection, subjects);
    if (missing.length > 0 && make) {
      await make();
      missing = await missingOf(connection, missing);
    }
    this.#add(missing);
  }

  clear(): void {
    this.#until.clear();
    this.#slow.clear();
  }
}
