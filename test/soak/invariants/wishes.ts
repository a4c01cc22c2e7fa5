// What an operator has stopped does not run, until he starts it again.
import type { CutOffs } from "../cut-off.ts";
import type { Desired } from "../desired.ts";
import type { Journal } from "../journal.ts";
import type { Witness } from "../witness.ts";
import type { Invariant, Stretch } from "./invariant.ts";

export interface WishesOptions {
  ids: readonly string[];
  desired: Pick<Desired, "of">;
  witness: Pick<Witness, "livesOf">;
  cutOffs: Pick<CutOffs, "explain">;
  stretch: Stretch;
  journal: Pick<Journal, "violation">;
}

/** What was on its way when the order was answered, milliseconds. */
const ON_ITS_WAY_MS = 500;
/** As for doubles: who was cut off must first hear of the order. */
const YIELD_MS = 10_000;

export class Wishes implements Invariant {
  readonly name = "desired state";
  readonly #options: WishesOptions;

  constructor(options: WishesOptions) {
    this.#options = options;
  }

  look(): void {
    const { ids, desired, witness, cutOffs, stretch, journal } = this.#options;
    for (const id of ids) {
      const { want, since, isKept } = desired.of(id);
      // One that nobody could write down holds until its launcher ends: then it is no wish any more.
      if (want !== "stop" || !isKept) continue;
      for (const { until, from, host, life } of witness.livesOf(id)) {
        if (until <= since + stretch(ON_ITS_WAY_MS)) continue;
        if (cutOffs.explain([host], Math.max(from, since), until, stretch(YIELD_MS))) continue;
        const late = ((until - since) / 1000).toFixed(1);
        journal.violation(this.name, life, `${id} runs on ${host}, ${late} s after it was stopped`);
      }
    }
  }
}
