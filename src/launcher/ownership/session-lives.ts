// How the sessions of owners are: whether those who have services live.
import type { Bucket } from "../../messaging/bucket.ts";
import { inSlices } from "./in-slices.ts";
import { isCertainlyGone, type Party } from "./place.ts";
import { type OwnerRecord, parseSession } from "./records.ts";
import type { Session } from "./session.ts";
import { Sightings } from "./sightings.ts";

/** How the session of an owner is. `revision` is that of its entry. */
export type Life =
  | { state: "alive" | "suspect" | "unknown" }
  /** `early`: certainly gone, though its lease is not over. */
  | { state: "gone"; revision: number; early: boolean; isEnded: boolean };

export interface SessionLivesOptions {
  bucket: Bucket;
  session: Session;
  party: Party;
  /** Whether the session of that key was this launcher's own, in an earlier boot of this machine. */
  isOfEarlierBoot: (session: string) => boolean;
  leaseMs: number;
  clock: () => number;
}

/** So many of the sessions that have ended on this host are remembered. */
const MOST_GONE = 1_000;

export class SessionLives {
  readonly #options: SessionLivesOptions;
  readonly #sightings: Sightings;
  /** When a session of a process that is gone from this host was first found so, by the clock; the oldest first. */
  readonly #goneSince = new Map<string, number>();

  constructor(options: SessionLivesOptions) {
    this.#options = options;
    this.#sightings = new Sightings(options.leaseMs / 3);
  }

  /** A session that has ended is seen no more. */
  forget(key: string): void {
    this.#sightings.forget(key);
  }

  /** Of the owners' sessions, but our own, by key. */
  async of(owners: readonly OwnerRecord[]): Promise<Map<string, Life>> {
    const { session } = this.#options;
    const sessions = new Map(owners.map((owner) => [owner.session, owner]));
    if (session.key !== undefined) sessions.delete(session.key);
    const lives = new Map<string, Life>();
    if (sessions.size === 0) return lives;
    const brokerNow = session.brokerNow();
    await inSlices([...sessions], async ([key, owner]) => lives.set(key, await this.#life(key, owner, brokerNow)));
    return lives;
  }

  async #life(key: string, owner: OwnerRecord, brokerNow: Promise<number | undefined>): Promise<Life> {
    const { bucket, clock } = this.#options;
    const askedAt = clock();
    const read = await bucket.read(key);
    if (!read.ok) return { state: "unknown" };
    const { entry } = read;
    const { revision } = entry;
    const isGoneHere = isCertainlyGone(owner, this.#options.party.place);
    if (entry.kind !== "value") {
      // One service is enough to end the session of all; what the others have left may still be ending.
      return {
        state: "gone",
        revision,
        early: isGoneHere && this.#isEarly(key, owner),
        isEnded: entry.kind === "tombstone",
      };
    }
    this.#sightings.see(key, revision, askedAt, clock());
    const leaseMs = parseSession(entry.data)?.leaseMs ?? owner.leaseMs;
    if (this.#sightings.unchangedMs(key) >= leaseMs) return { state: "gone", revision, early: false, isEnded: false };
    if (isGoneHere) return { state: "gone", revision, early: this.#isEarly(key, owner), isEnded: false };
    // A hint and no proof, because the broker's clock may have been set: makes a claim wait until it is proven.
    const now = await brokerNow;
    const silentMs = now === undefined ? 0 : now - entry.time;
    // Who lives renews it: the machine may be the copy of another one, with its id and its state folder.
    if (this.#options.isOfEarlierBoot(key) && !this.#sightings.hasChanged(key)) {
      return silentMs > leaseMs / 2 ? { state: "gone", revision, early: false, isEnded: false } : { state: "suspect" };
    }
    return { state: silentMs > leaseMs || this.#mayBeOurs(key, owner) ? "suspect" : "alive" };
  }

  /** Whether it has not been gone for as long as its lease, as far as we know. */
  #isEarly(key: string, { leaseMs }: OwnerRecord): boolean {
    const now = this.#options.clock();
    const since = this.#goneSince.get(key) ?? now;
    this.#goneSince.set(key, since);
    if (this.#goneSince.size > MOST_GONE) this.#goneSince.delete(this.#goneSince.keys().next().value ?? "");
    return now - since < leaseMs;
  }

  /**
   * Whether it may be an earlier life of this very launcher, whose end cannot be proven: a container that is started
   * again has other pids. If it lives, it is renewed before long.
   */
  #mayBeOurs(key: string, { launcher, host, place }: OwnerRecord): boolean {
    const { party } = this.#options;
    const isNamedAsWe = launcher === party.launcher && host === party.host;
    return isNamedAsWe && place !== party.place && !this.#sightings.hasChanged(key);
  }
}
