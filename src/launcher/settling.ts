// Waiting until services have come to where waiting longer would be in vain for now.
import type { ServiceRunner } from "./service-runner.ts";

export class Settling {
  readonly #isSettled: (runner: ServiceRunner) => boolean;
  readonly #looks = new Set<() => void>();

  constructor(isSettled: (runner: ServiceRunner) => boolean) {
    this.#isSettled = isSettled;
  }

  /** To be called when a service has changed. */
  look(): void {
    for (const look of [...this.#looks]) look();
  }

  /** @param runners whom to wait for, asked at each look: they come and go */
  whenAll(runners: () => readonly ServiceRunner[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (!runners().every(this.#isSettled)) return;
      this.#looks.delete(look);
      resolve();
    };
    this.#looks.add(look);
    look();
    return promise;
  }
}
