// Who is below whom, kept as it changes.

interface Place {
  parent: string | undefined;
  /** Its parent counts as one that is in use because of it. */
  counts: boolean;
}

export class Parents {
  readonly #places = new Map<string, Place>();
  readonly #children = new Map<string, Set<string>>();
  /** How many have each for a parent that is in use. */
  readonly #uses = new Map<string, number>();

  childrenOf(parent: string): ReadonlySet<string> {
    return this.#children.get(parent) ?? NOBODY;
  }

  isInUse(parent: string): boolean {
    return this.#uses.has(parent);
  }

  /** @returns those that came into use, or fell out of it */
  place(id: string, parent: string | undefined, counts: boolean): string[] {
    const before = this.#places.get(id);
    if (before && before.parent === parent && before.counts === counts) return [];
    const touched = this.remove(id);
    this.#places.set(id, { parent, counts });
    if (parent === undefined) return touched;
    const siblings = this.#children.get(parent);
    if (siblings) siblings.add(id);
    else this.#children.set(parent, new Set([id]));
    return counts ? [...touched, ...this.#count(parent, 1)] : touched;
  }

  /** @returns the one that fell out of use */
  remove(id: string): string[] {
    const place = this.#places.get(id);
    this.#places.delete(id);
    if (place?.parent === undefined) return [];
    const siblings = this.#children.get(place.parent);
    siblings?.delete(id);
    if (siblings?.size === 0) this.#children.delete(place.parent);
    return place.counts ? this.#count(place.parent, -1) : [];
  }

  #count(parent: string, change: 1 | -1): string[] {
    const before = this.#uses.get(parent) ?? 0;
    const after = before + change;
    if (after > 0) this.#uses.set(parent, after);
    else this.#uses.delete(parent);
    return before === 0 || after === 0 ? [parent] : [];
  }
}

const NOBODY: ReadonlySet<string> = new Set();
