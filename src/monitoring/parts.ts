// The parts of a monitored object, by name and by status: what is asked of them costs the same for ten and for a million.
import { aggregateStatus, Status, WORST_FIRST } from "./status.ts";

export interface Part {
  readonly name: string;
  readonly status: Status;
}

/** From the worst to the best. */
const ORDER: readonly Status[] = [...WORST_FIRST, Status.UNKNOWN, Status.IDLE, Status.OK];

export class Parts<P extends Part> {
  readonly #byName = new Map<string, P>();
  readonly #byStatus = new Map<Status, Set<P>>();
  readonly #filedAs = new Map<P, Status>();

  get size(): number {
    return this.#byName.size;
  }

  /** In the order in which they were added. */
  all(): IterableIterator<P> {
    return this.#byName.values();
  }

  get(name: string): P | undefined {
    return this.#byName.get(name);
  }

  /** Whether any of them is so. */
  has(isSo: (part: P) => boolean): boolean {
    for (const part of this.#byName.values()) if (isSo(part)) return true;
    return false;
  }

  /** Adds a part, whose name is free. */
  add(part: P): void {
    this.#byName.set(part.name, part);
    this.refile(part);
  }

  remove(part: P): void {
    this.#byName.delete(part.name);
    this.#unfile(part);
  }

  /** To be called when the status of a part has changed. */
  refile(part: P): void {
    const { status } = part;
    if (this.#filedAs.get(part) === status) return;
    this.#unfile(part);
    this.#filedAs.set(part, status);
    const group = this.#byStatus.get(status);
    if (group) group.add(part);
    else this.#byStatus.set(status, new Set([part]));
  }

  /** The aggregate of `own` and all parts. What is shut down is over, however its parts were left. */
  aggregate(own: Status): Status {
    if (this.#byName.size === 0 || own === Status.SHUTDOWN) return own;
    return aggregateStatus([own, ...this.#byStatus.keys()]);
  }

  /** At most `limit` parts: all in their order if they are no more, else the worst. */
  some(limit: number): P[] {
    if (this.#byName.size <= limit) return [...this.#byName.values()];
    const chosen: P[] = [];
    for (const status of ORDER) {
      for (const part of this.#byStatus.get(status) ?? []) {
        if (chosen.length === limit) return chosen;
        chosen.push(part);
      }
    }
    return chosen;
  }

  #unfile(part: P): void {
    const status = this.#filedAs.get(part);
    if (status === undefined) return;
    this.#filedAs.delete(part);
    const group = this.#byStatus.get(status);
    group?.delete(part);
    if (group?.size === 0) this.#byStatus.delete(status);
  }
}
