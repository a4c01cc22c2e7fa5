// What operators want of each service, as far as they were told that it is so.

export interface Wish {
  /** `unknown`: an order was given, and nobody said what became of it. */
  want: "run" | "stop" | "unknown";
  /** When it was answered, milliseconds since the epoch. */
  since: number;
  /** The answer said that it does not outlive the launcher. */
  isKept: boolean;
}

export class Desired {
  readonly #wishes = new Map<string, Wish>();

  of(id: string): Wish {
    return this.#wishes.get(id) ?? { want: "run", since: 0, isKept: true };
  }

  set(id: string, want: Wish["want"], isKept = true): void {
    this.#wishes.set(id, { want, since: Date.now(), isKept });
  }
}
