// Who lives, by our own clock only: a session whose revision has not changed for as long as its lease is over.

interface Sighting {
  revision: number;
  /** When the watch over this revision began, by our own clock. */
  at: number;
  /** The latest moment at which it was certainly still the same. */
  still: number;
  /** It has been renewed since it was first seen. */
  changed: boolean;
}

export class Sightings {
  readonly #longestGapMs: number;
  readonly #sightings = new Map<string, Sighting>();

  /**
   * @param longestGapMs a watch that was interrupted for longer begins anew: while the broker was away, nobody could
   * renew anything
   */
  constructor(longestGapMs: number) {
    this.#longestGapMs = longestGapMs;
  }

  /** A session was read: asked for at `askedAt`, told at `toldAt`. What is told may be as old as the question. */
  see(session: string, revision: number, askedAt: number, toldAt: number): void {
    const before = this.#sightings.get(session);
    if (before?.revision === revision && askedAt - before.still <= this.#longestGapMs) before.still = askedAt;
    else {
      const changed = before !== undefined && (before.changed || before.revision !== revision);
      this.#sightings.set(session, { revision, at: toldAt, still: toldAt, changed });
    }
  }

  /** For how long the session has certainly not been renewed, although it could have been, milliseconds. */
  unchangedMs(session: string): number {
    const sighting = this.#sightings.get(session);
    return sighting ? Math.max(0, sighting.still - sighting.at) : 0;
  }

  /** Whether it was renewed while it was watched. */
  hasChanged(session: string): boolean {
    return this.#sightings.get(session)?.changed === true;
  }

  forget(session: string): void {
    this.#sightings.delete(session);
  }
}
