// Never an orphan: what a launcher or a service started ends with it. Nor a zombie: who starts something waits for its end.
import type { Journal } from "../journal.ts";
import type { SeenProcess } from "../processes.ts";
import type { Invariant, Stretch } from "./invariant.ts";

/** "All gone within 5 s", and one for a look. */
const LIMIT_MS = 6000;

export interface OrphansOptions {
  processes: () => readonly SeenProcess[];
  /** Processes of the soak itself that may have children of the fleet. */
  owners: () => readonly number[];
  stretch: Stretch;
  journal: Pick<Journal, "violation">;
}

export class Orphans implements Invariant {
  readonly name = "no orphans";
  readonly #options: OrphansOptions;
  /** Since when each is without a parent, or dead and not waited for. */
  #since = new Map<string, number>();
  /** The longest that one was there, milliseconds. */
  longestMs = 0;

  constructor(options: OrphansOptions) {
    this.#options = options;
  }

  look(now: number): void {
    const { processes, owners, stretch, journal } = this.#options;
    const seen = processes();
    const parents = new Set([...seen.filter(({ isZombie }) => !isZombie).map(({ pid }) => pid), ...owners()]);
    const since = new Map<string, number>();
    for (const one of seen) {
      // A zombie whose parent is not of the fleet is init's to bury.
      if (parents.has(one.parent) !== one.isZombie) continue;
      const key = `${one.pid} ${one.startTime} ${one.isZombie}`;
      const begun = this.#since.get(key) ?? now;
      since.set(key, begun);
      this.longestMs = Math.max(this.longestMs, now - begun);
      if (now - begun <= stretch(LIMIT_MS)) continue;
      const what = one.isZombie ? `a zombie of process ${one.parent}` : "without a parent";
      const age = `${((now - begun) / 1000).toFixed(1)} s`;
      journal.violation(this.name, key, `process ${one.pid} of ${one.launcher} for ${age} ${what}: ${one.command}`);
    }
    this.#since = since;
  }
}
