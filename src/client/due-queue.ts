// What is due when: one heap for all, so that one timer does for ten thousand services.

interface Entry {
  at: number;
  id: string;
}

export class DueQueue {
  /** A binary heap: the earliest first. Entries that were overtaken by an earlier one stay until their time. */
  #heap: Entry[] = [];
  /** When each is to be looked at. */
  readonly #planned = new Map<string, number>();

  get size(): number {
    return this.#planned.size;
  }

  /** Plans a look at `id` at the time `at`, if none is planned before that. */
  plan(id: string, at: number): void {
    const planned = this.#planned.get(id);
    if (at === Number.POSITIVE_INFINITY || (planned !== undefined && planned <= at)) return;
    this.#planned.set(id, at);
    this.#push({ at, id });
    // Overtaken entries are few; but nothing here may grow for ever.
    if (this.#heap.length > 4 * this.#planned.size + 1_000) this.#rebuild();
  }

  forget(id: string): void {
    this.#planned.delete(id);
  }

  /** Takes out all that are due at `now`, the earliest first. */
  *take(now: number): Generator<string> {
    for (let [first] = this.#heap; first && first.at <= now; [first] = this.#heap) {
      this.#pop();
      if (this.#planned.get(first.id) !== first.at) continue;
      this.#planned.delete(first.id);
      yield first.id;
    }
  }

  #rebuild(): void {
    // In order, a list is a heap.
    this.#heap = [...this.#planned].map(([id, at]) => ({ at, id })).sort((a, b) => a.at - b.at);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (!parent || parent.at <= entry.at) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (!one) break;
      const [child, below] = other && other.at < one.at ? [other, left + 1] : [one, left];
      if (child.at >= last.at) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }
}
