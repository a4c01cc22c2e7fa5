// What is being disturbed, and since when it is not any more: only what was left alone long enough is judged.

/** `broker`, `link NAME`, `launcher NAME`, `state NAME`, `service ID`. */
export type Scope = string;

export class Disturbances {
  readonly #going = new Map<Scope, number>();
  readonly #ended = new Map<Scope, number>();

  /** @returns the end of it */
  begin(...scopes: Scope[]): Disposable {
    for (const scope of scopes) this.#going.set(scope, (this.#going.get(scope) ?? 0) + 1);
    return {
      [Symbol.dispose]: () => {
        for (const scope of scopes) {
          this.#going.set(scope, (this.#going.get(scope) ?? 1) - 1);
          this.#ended.set(scope, Date.now());
        }
      },
    };
  }

  isFree(...scopes: Scope[]): boolean {
    return scopes.every((scope) => !this.#going.get(scope));
  }

  /** How long nothing has disturbed any of these, milliseconds; 0 while something does. */
  calmMs(scopes: Scope[], now: number): number {
    if (!this.isFree(...scopes)) return 0;
    return now - Math.max(0, ...scopes.map((scope) => this.#ended.get(scope) ?? 0));
  }

  /** Whether something disturbed one of these at `time` or later. */
  touchedSince(scopes: Scope[], time: number): boolean {
    return !this.isFree(...scopes) || scopes.some((scope) => (this.#ended.get(scope) ?? 0) >= time);
  }
}
