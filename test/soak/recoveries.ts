// How long it takes until all is well again after each kind of fault.
import type { Ears } from "./ears.ts";
import type { Witness } from "./witness.ts";

interface Waiting {
  fault: string;
  /** Every service it has touched, that is to run. */
  ids: string[];
  since: number;
  /** A new instance is to come, and to say that it is well; else it is enough that it is heard again. */
  anew: boolean;
}

export interface Recovered {
  fault: string;
  ms: number[];
  /** Touched by another fault before all was well again: not measured. */
  overtaken: number;
}

export class Recoveries {
  readonly #witness: Witness;
  readonly #ears: Ears;
  readonly #results = new Map<string, Recovered>();
  #waiting: Waiting[] = [];

  constructor(witness: Witness, ears: Ears) {
    this.#witness = witness;
    this.#ears = ears;
  }

  /** From now on it may be well again. */
  await(fault: string, ids: string[], anew: boolean, since = Date.now()): void {
    this.disturb(ids);
    if (ids.length > 0) this.#waiting.push({ fault, ids, since, anew });
  }

  /** What waits for one of these is not measured: something else has come between. */
  disturb(ids: Iterable<string>): void {
    const touched = new Set(ids);
    this.#waiting = this.#waiting.filter((waiting) => {
      const isOvertaken = waiting.ids.some((id) => touched.has(id));
      if (isOvertaken) this.#resultOf(waiting.fault).overtaken++;
      return !isOvertaken;
    });
  }

  look(now: number): void {
    this.#waiting = this.#waiting.filter((waiting) => {
      if (!waiting.ids.every((id) => this.#isWell(id, waiting))) return true;
      this.#resultOf(waiting.fault).ms.push(now - waiting.since);
      return false;
    });
  }

  get results(): Recovered[] {
    return [...this.#results.values()].sort((one, other) => one.fault.localeCompare(other.fault));
  }

  #isWell(id: string, { since, anew }: Waiting): boolean {
    const instance = this.#witness.living(id);
    if (!instance) return false;
    const heard = this.#ears.of(id);
    return anew ? instance.from > since && heard.okAt > since : heard.at > since;
  }

  #resultOf(fault: string): Recovered {
    const result = this.#results.get(fault) ?? { fault, ms: [], overtaken: 0 };
    this.#results.set(fault, result);
    return result;
  }
}
