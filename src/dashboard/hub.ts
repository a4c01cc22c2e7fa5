// Everybody who looks: what is told to all is made into text once.
import type { Told } from "./told.ts";

/** A page, as far as it is told things. */
export interface Viewer {
  send(text: string): void;
}

export class Hub {
  readonly #viewers = new Set<Viewer>();

  get size(): number {
    return this.#viewers.size;
  }

  join(viewer: Viewer): void {
    this.#viewers.add(viewer);
  }

  leave(viewer: Viewer): void {
    this.#viewers.delete(viewer);
  }

  /** To all of them. */
  tell(told: Told): void {
    if (this.#viewers.size === 0) return;
    const text = JSON.stringify(told);
    for (const viewer of this.#viewers) viewer.send(text);
  }
}

/** To one of them. */
export function tellTo(viewer: Viewer, told: Told): void {
  viewer.send(JSON.stringify(told));
}
