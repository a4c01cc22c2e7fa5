// Who waits for which service: any number of waiters for each.
import type { ClaimResult } from "./types.ts";

export interface Waiter {
  id: string;
  /** Until it is ours; otherwise until it is known whose it is. */
  wait: boolean;
  resolve: (result: ClaimResult) => void;
  /** When to look next, by the clock. */
  dueAt: number;
  /** Looks left that come soon after one another. */
  soon: number;
}

export class Waiters {
  readonly #byId = new Map<string, Set<Waiter>>();

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  add(waiter: Waiter): void {
    const others = this.#byId.get(waiter.id) ?? new Set();
    this.#byId.set(waiter.id, others.add(waiter));
  }

  drop(waiter: Waiter): void {
    const same = this.#byId.get(waiter.id);
    if (same?.delete(waiter) && same.size === 0) this.#byId.delete(waiter.id);
  }

  answer(waiter: Waiter, result: ClaimResult): void {
    this.drop(waiter);
    waiter.resolve(result);
  }

  of(id: string): Waiter[] {
    return [...(this.#byId.get(id) ?? [])];
  }

  all(): Waiter[] {
    return [...this.#byId.values()].flatMap((waiters) => [...waiters]);
  }
}
