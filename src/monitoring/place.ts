// The place of a monitored object among others: what it is a part of, and its own parts. Never a circle.
import { MonitorTreeError } from "./errors.ts";
import { type Part, Parts } from "./parts.ts";

/** Levels of parts; nothing real has more, and all that goes through them stays cheap. */
const MOST_LEVELS = 64;

export class Place<M extends Part> implements Part {
  readonly owner: M;
  readonly parts = new Parts<Place<M>>();
  #parent: Place<M> | undefined;
  /** Levels of parts there are, or once were, below this one. */
  #levels = 0;

  constructor(owner: M) {
    this.owner = owner;
  }

  get name(): string {
    return this.owner.name;
  }
  get status(): Part["status"] {
    return this.owner.status;
  }
  get parent(): Place<M> | undefined {
    return this.#parent;
  }

  /** This place, then those it is within, to the top. */
  *upward(): Generator<Place<M>, void, void> {
    for (let at: Place<M> | undefined = this; at; at = at.#parent) yield at;
  }

  /** @throws MonitorTreeError if `child` cannot become a part of this */
  check(child: Place<M>): void {
    const above = [...this.upward()];
    const refuse = (why: string) =>
      new MonitorTreeError(`monitor "${child.name}" cannot be a part of "${this.name}": that would be ${why}`);
    if (above.includes(child)) throw refuse("a circle");
    if (above.length + child.#levels > MOST_LEVELS) throw refuse(`more than ${MOST_LEVELS} levels`);
  }

  /** Puts a part here, that has no place and whose name is free. */
  add(child: Place<M>): void {
    this.parts.add(child);
    child.#parent = this;
    let levels = child.#levels;
    for (const above of this.upward()) above.#levels = Math.max(above.#levels, ++levels);
  }

  remove(child: Place<M>): void {
    this.parts.remove(child);
    child.#parent = undefined;
  }
}
