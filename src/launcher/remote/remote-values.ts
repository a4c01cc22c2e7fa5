// What NATS says of the services of a fleet: the newest of each scope, and the one that is in use when the newest is no good.
import type { Logger } from "../../common/logger.ts";
import { type ConfigOverlay, isFor, type OverlayEntry, originName } from "../../config/overlay.ts";
import type { RemoteOrigin } from "../../config/types.ts";
import { keyOf } from "../../settings/names.ts";

/** A document that came, or why it says nothing. */
export type Candidate = { entry: OverlayEntry; fault?: string };

/** The two places where values come from: over the file, and under it. */
export type Layer = keyof ConfigOverlay;

interface Known {
  layer: Layer;
  newest: OverlayEntry;
  /** Undefined: none was good. */
  used: OverlayEntry | undefined;
  /** What the latest reading of the configuration was given. */
  given?: OverlayEntry | undefined;
  /** The newest cannot be used: what was in use before stays. */
  isAside: boolean;
  /** It was there, and is not any more, though nobody took it back. */
  isLost: boolean;
  /** It is of an earlier run, milliseconds since the epoch: what the broker has now is not known. */
  keptAt?: number;
}

export class RemoteValues {
  readonly #known = new Map<string, Known>();
  readonly #logger: Logger;
  readonly #services: () => readonly { id: string; type: string }[];

  /** @param services of this launcher: what others have is not ours to tell of */
  constructor(logger: Logger, services: () => readonly { id: string; type: string }[]) {
    this.#logger = logger;
    this.#services = services;
  }

  /** What counts now, for a reading of the configuration: `use` then says that it is in use. */
  give(): ConfigOverlay {
    for (const known of this.#known.values()) known.given = effective(known);
    const of = (layer: Layer) =>
      [...this.#known.values()].flatMap((known) => (known.layer === layer && known.given ? [known.given] : []));
    return { over: of("over"), under: of("under") };
  }

  /** Whether something counts now that is not in use, and who set it. */
  get news(): readonly OverlayEntry[] {
    return [...this.#known.values()].flatMap((known) => {
      const now = effective(known);
      const isSame = Bun.deepEquals(now?.fields ?? {}, known.used?.fields ?? {});
      return now && !isSame && this.#isOurs(now) ? [now] : [];
    });
  }

  /** One document. */
  take(layer: Layer, { entry, fault }: Candidate): void {
    const key = nameOf(layer, entry);
    const before = this.#known.get(key);
    delete before?.keptAt;
    if (before && !before.isLost && Bun.deepEquals(before.newest.origin, entry.origin)) return;
    const isAside = fault !== undefined;
    const { used, given } = before ?? {};
    this.#known.set(key, { layer, newest: entry, used, given, isAside, isLost: false });
    if (isAside && this.#isOurs(entry)) this.#tellAside(entry, fault);
  }

  /** All documents of a layer: what is missing without having been taken back was lost, and stays in use. */
  takeAll(layer: Layer, candidates: readonly Candidate[]): void {
    const there = new Set(candidates.map(({ entry }) => nameOf(layer, entry)));
    for (const candidate of candidates) this.take(layer, candidate);
    const lost = [...this.#known].flatMap(([key, known]) =>
      known.layer === layer && !there.has(key) && !known.isLost ? [known] : [],
    );
    for (const known of lost) {
      known.isLost = true;
      known.isAside = true;
    }
    const told = lost.flatMap(({ used }) =>
      used && hasFields(used) && this.#isOurs(used) ? [originName(used.origin)] : [],
    );
    if (told.length === 0) return;
    const what = "the values stay in use until this launcher ends; set them again";
    this.#logger.warning(`the broker has lost ${told.join(", ")}: ${what}`);
  }

  /** Takes what an earlier run has kept, where nothing newer is known. @param keptAt milliseconds since the epoch */
  recall(layer: Layer, entries: readonly OverlayEntry[], keptAt: number): void {
    for (const entry of entries) {
      const key = nameOf(layer, entry);
      if (this.#known.has(key)) continue;
      this.#known.set(key, { layer, newest: entry, used: undefined, isAside: false, isLost: false, keptAt });
    }
  }

  /** Those of earlier values that are not there any more, though nobody took them back: they do not count. */
  missing(layer: Layer, entries: readonly OverlayEntry[]): readonly OverlayEntry[] {
    return entries.filter((entry) => !this.#known.has(nameOf(layer, entry)) && this.#isOurs(entry));
  }

  /** What is in use, but for what was taken back. */
  get inUse(): ConfigOverlay {
    const of = (layer: Layer) =>
      [...this.#known.values()].flatMap(({ layer: own, used }) =>
        own === layer && used && hasFields(used) ? [used] : [],
      );
    return { over: of("over"), under: of("under") };
  }

  /** What is in use for a service, in words, the strongest first. */
  inUseFor(service: { id: string; type: string }): string[] {
    return [...this.#known.values()]
      .flatMap((known) => {
        const { used, isLost, keptAt } = known;
        if (!used || !hasFields(used) || !isFor(used.scope, service)) return [];
        const remark = isLost
          ? " (the broker has lost it)"
          : keptAt === undefined
            ? ""
            : ` (as kept at ${new Date(keptAt).toISOString().slice(0, 19).replace("T", " ")} UTC)`;
        return [{ known, words: `${originName(used.origin)}${remark}` }];
      })
      .toSorted((a, b) => strength(b.known) - strength(a.known))
      .map(({ words }) => words);
  }

  /**
   * A document, which is all of its layer: what it does not say any more is taken back. With a fault in it it says nothing.
   * @param origin of all that it says
   */
  takeDocument(layer: Layer, candidates: readonly Candidate[], origin: RemoteOrigin): void {
    const there = new Set(candidates.map(({ entry }) => nameOf(layer, entry)));
    const isGood = candidates.every(({ fault }) => fault === undefined);
    const gone = [...this.#known].filter(([key, known]) => isGood && known.layer === layer && !there.has(key));
    for (const [, { newest }] of gone) this.take(layer, { entry: { scope: newest.scope, fields: {}, origin } });
    for (const candidate of candidates) this.take(layer, candidate);
  }

  /** What was given last is in use: meanwhile there may be newer values. */
  use(): void {
    for (const known of this.#known.values()) known.used = known.given;
  }

  /**
   * Sets aside what issues are about, one line each: what a line begins with, else what it names. Of several that are only
   * named, those that are new.
   * @returns false when they are about none of it
   */
  refuse(lines: readonly string[]): boolean {
    const all = [...this.#known.values()];
    const which = (isNamed: (line: string, name: string) => boolean) =>
      all.filter((known) => {
        const now = effective(known);
        return now !== undefined && lines.some((line) => isNamed(line, originName(now.origin)));
      });
    const begun = which((line, name) => line.startsWith(`${name}: `));
    const named = begun.length > 0 ? begun : which((line, name) => line.includes(name));
    const fresh = named.filter((known) => effective(known) !== known.used);
    const meant = fresh.length > 0 ? fresh : named;
    for (const known of meant) {
      // What was good before is not any more, as after a change of the file.
      if (known.isAside) known.used = undefined;
      else this.#tellAside(known.newest);
      known.isAside = true;
    }
    return meant.length > 0;
  }

  #tellAside({ origin }: OverlayEntry, why?: string): void {
    const reason = why === undefined ? "" : `${why}; `;
    this.#logger.error(`${originName(origin)}: ${reason}it changes nothing; what was in use before stays`);
  }

  #isOurs({ scope }: OverlayEntry): boolean {
    return this.#services().some((service) => isFor(scope, service));
  }
}

function effective({ newest, used, isAside }: Known): OverlayEntry | undefined {
  return isAside ? used : newest;
}

function strength({ layer, newest }: Known): number {
  return (layer === "over" ? 3 : 0) + ["global", "type", "service"].indexOf(newest.scope.kind);
}

function hasFields({ fields }: OverlayEntry): boolean {
  return Object.keys(fields).length > 0;
}

function nameOf(layer: Layer, { scope }: OverlayEntry): string {
  return `${layer} ${keyOf(scope)}`;
}
