// A launcher's session: one entry that it renews for all its services at once. As long as it lives, they are its own.

import type { Bucket, BucketFault } from "../../messaging/bucket.ts";
import { randomToken } from "../../messaging/envelope.ts";
import type { Party } from "./place.ts";
import { sessionJson } from "./records.ts";

export interface SessionOptions {
  bucket: Bucket;
  party: Party;
  leaseMs: number;
  /** Monotonic, milliseconds. */
  clock: () => number;
  /** Wall clock, for people. */
  now: () => number;
  /** A session begins. Called before anybody can see it. */
  onBegin?: (key: string) => void;
}

/** `ended`: somebody else has ended it, or the bucket is gone. It never comes back; a new one may begin. */
export type Renewal = { ok: true } | { ok: false; reason: "ended" } | BucketFault;

/** Part of the lease that its holder does not use: others may reckon a little faster, and a start takes a moment. */
const MARGIN = 0.1;

export class Session {
  readonly #options: SessionOptions;
  readonly #since: number;
  /** Key of the session that comes next. */
  #next = newKey();
  #key: string | undefined;
  #revision = 0;
  /** When the write that made this revision was sent: others wait for the whole lease from then on, at least. */
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#since = options.now();
  }

  /** The key in the bucket; undefined when there is no session. Each session has a key of its own, never used again. */
  get key(): string | undefined {
    return this.#key;
  }

  /** Nobody can have ended it yet, unless this process was taken for dead: it was renewed less than a lease ago. */
  get isValid(): boolean {
    const { clock, leaseMs } = this.#options;
    return this.#key !== undefined && clock() - this.#sentAt < leaseMs * (1 - MARGIN);
  }

  /** Begins a new session, making the bucket if it is missing. */
  async begin(): Promise<{ ok: true } | BucketFault> {
    this.#forget();
    const ensured = await this.#options.bucket.ensure();
    if (!ensured.ok) return ensured;
    const key = this.#next;
    this.#options.onBegin?.(key);
    const made = await this.#overwrite(key, 0);
    if (made.ok || made.reason === "ended") this.#next = newKey();
    if (made.ok) this.#key = key;
    else if (made.reason === "ended") return { ok: false, reason: "refused", message: "its entry was removed at once" };
    return made;
  }

  async renew(): Promise<Renewal> {
    if (this.#key === undefined) return { ok: false, reason: "ended" };
    const written = await this.#overwrite(this.#key, this.#revision);
    return !written.ok && written.reason === "no_bucket" ? { ok: false, reason: "ended" } : written;
  }

  /** The broker's time now, milliseconds since the epoch; undefined when it cannot be told. */
  async brokerNow(): Promise<number | undefined> {
    for (let attempt = 0; attempt < 2 && this.#key !== undefined; attempt++) {
      const read = await this.#options.bucket.read(this.#key);
      if (!read.ok || read.entry.kind !== "value") return undefined;
      // Unless it was renewed in this very moment: then the next look fits.
      if (read.entry.revision === this.#revision) return read.entry.time + this.#options.clock() - this.#sentAt;
    }
    return undefined;
  }

  /** Ends the session for everybody: its services are free at once. */
  async end(): Promise<void> {
    const key = this.#key;
    if (key === undefined) return;
    const { bucket } = this.#options;
    const revision = this.#revision;
    this.#forget();
    const removed = await bucket.remove(key, revision);
    if (removed.ok) await bucket.purge(key);
  }

  #forget(): void {
    this.#key = undefined;
    this.#revision = 0;
    this.#sentAt = Number.NEGATIVE_INFINITY;
  }

  async #overwrite(key: string, revision: number): Promise<Renewal> {
    const written = await this.#write(key, revision);
    if (written.ok) return written;
    if (written.reason === "no_bucket" || written.reason === "refused") return written;
    // No answer may mean that there is no bucket: whoever listens to its subjects hides that nothing stores them.
    const read = await this.#options.bucket.read(key);
    if (!read.ok) return read;
    if (written.reason !== "conflict") return written;
    if (read.entry.kind !== "value") return { ok: false, reason: "ended" };
    // An earlier write of ours did arrive, and its answer was lost.
    const again = await this.#write(key, read.entry.revision);
    return again.ok || again.reason !== "conflict" ? again : { ok: false, reason: "ended" };
  }

  async #write(key: string, revision: number) {
    const { bucket, party, leaseMs, clock, now } = this.#options;
    const sentAt = clock();
    const record = { ...party, leaseMs, since: this.#since, renewed: now() };
    const written = await bucket.write(key, sessionJson(record), revision);
    if (written.ok) {
      this.#revision = written.revision;
      this.#sentAt = sentAt;
    }
    return written;
  }
}

/** A service id has a dot, so no key of a service is like this. */
function newKey(): string {
  return `session_${randomToken(16)}`;
}
