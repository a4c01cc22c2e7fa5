// Never two instances of a service: as the instances themselves tell, and for foreign programs as /proc shows.
import type { CutOffs } from "../cut-off.ts";
import type { Journal } from "../journal.ts";
import type { SeenProcess } from "../processes.ts";
import type { Instance, Witness } from "../witness.ts";
import type { Invariant, Stretch } from "./invariant.ts";

/** How long who was cut off has to hear that another has its services, and to stop them, milliseconds. */
const YIELD_MS = 10_000;

export interface DoublesOptions {
  ids: readonly string[];
  witness: Pick<Witness, "livesOf">;
  processes: () => readonly SeenProcess[];
  cutOffs: Pick<CutOffs, "explain">;
  stretch: Stretch;
  journal: Pick<Journal, "violation" | "note">;
}

export class Doubles implements Invariant {
  readonly name = "no doubles";
  readonly #options: DoublesOptions;
  /** Pairs of instances that ran at once, as the rules of ownership allow, and until when they had when that was found. */
  readonly #allowed = new Map<string, number>();
  /** Programs that were there twice at the last look. */
  #twice = new Set<string>();

  constructor(options: DoublesOptions) {
    this.#options = options;
  }

  /** How often two were allowed to run, because one was cut off. */
  get allowed(): number {
    return this.#allowed.size;
  }

  look(): void {
    for (const id of this.#options.ids) {
      const lives = this.#options.witness.livesOf(id);
      for (const [index, later] of lives.entries()) {
        for (const earlier of lives.slice(0, index)) this.#compare(earlier, later);
      }
    }
    this.#lookAtPrograms();
  }

  #compare(one: Instance, other: Instance): void {
    const from = Math.max(one.from, other.from);
    const until = Math.min(one.until, other.until);
    // An instant is the same millisecond of two clocks' readings.
    if (until - from < 1) return;
    const { cutOffs, stretch, journal } = this.#options;
    const key = `${one.life} ${other.life}`;
    // What was judged is not judged again: by then the machine may be quicker, and less be allowed.
    if (this.#allowed.get(key) === until) return;
    const hosts = [one.host, other.host];
    if (one.host !== other.host && cutOffs.explain(hosts, from, until, stretch(YIELD_MS))) {
      if (!this.#allowed.has(key)) journal.note(`allowed: ${one.id} twice, on ${hosts.join(" and ")}`);
      this.#allowed.set(key, until);
      return;
    }
    const who = [one, other].map(({ host, pid, life }) => `pid ${pid} on ${host} (${life.slice(0, 8)})`).join(" and ");
    journal.violation(this.name, key, `${one.id} ran twice for ${until - from} ms: ${who}`);
  }

  #lookAtPrograms(): void {
    const counts = new Map<string, SeenProcess[]>();
    for (const seen of this.#options.processes()) {
      const { serviceId, command, launcher, isZombie } = seen;
      if (serviceId === undefined || isZombie || !command.endsWith(`foreign.sh ${serviceId}`)) continue;
      const key = `${serviceId} on ${launcher}`;
      counts.set(key, [...(counts.get(key) ?? []), seen]);
    }
    const twice = new Set<string>();
    for (const [key, seen] of counts) {
      const pids = new Set(seen.map(({ pid }) => pid));
      // A child of its own, that is about to become another program, looks like it until then.
      const found = seen.filter(({ parent }) => !pids.has(parent));
      if (found.length < 2) continue;
      twice.add(key);
      // Seen once it may be one that is just being replaced: /proc is not read in one instant.
      const programs = found.map(({ pid }) => pid).join(", ");
      if (this.#twice.has(key)) this.#options.journal.violation(this.name, key, `${key}: processes ${programs}`);
    }
    this.#twice = twice;
  }
}
