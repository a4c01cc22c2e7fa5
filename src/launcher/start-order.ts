// `after:`: services start when those they come after are ready, and stop before them.
import type { ServiceRunner } from "./service-runner.ts";
import type { StartGate } from "./start-gate.ts";

/** Knows the runners of a launcher, and who comes after whom. */
export class StartOrder {
  readonly #runners = new Map<string, ServiceRunner>();
  /** Those that wait look again. */
  readonly #waiting = new Set<() => void>();

  add(runner: ServiceRunner): void {
    this.#runners.set(runner.id, runner);
  }

  remove(id: string): void {
    this.#runners.delete(id);
    for (const look of [...this.#waiting]) look();
  }

  /**
   * The gate of a service: open when all that it comes after, by its row at that time, are ready. Ids of other
   * launchers are not waited for.
   */
  gate(id: string): StartGate {
    return (signal, hold) => {
      const after = this.#runners.get(id)?.row.after ?? [];
      const missing = () => this.#known(after).filter((runner) => !runner.isReady && !runner.elsewhere);
      if (missing().length === 0) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      let said = "";
      const look = () => {
        const names = missing().map((runner) => runner.id);
        const why = `Waiting for ${names.join(", ")}`;
        if (names.length === 0) resolve();
        else if (why !== said) hold(why);
        said = why;
      };
      const ends = this.#known(after).map((runner) => runner.onState(look));
      this.#waiting.add(look);
      signal.addEventListener("abort", () => resolve(), { once: true });
      look();
      return promise.finally(() => {
        this.#waiting.delete(look);
        for (const end of ends) end();
      });
    };
  }

  /** Stops every runner, each after those that come after it. */
  async stopAll(reason: string): Promise<void> {
    await Promise.all(this.stop([...this.#runners.values()], reason).values());
  }

  /**
   * Stops some runners, each after those of them that come after it, by their rows as they are now.
   * @returns the end of each
   */
  stop(runners: readonly ServiceRunner[], reason: string): Map<ServiceRunner, Promise<void>> {
    const stops = new Map<ServiceRunner, Promise<void>>();
    const stop = (runner: ServiceRunner): Promise<void> => {
      const known = stops.get(runner);
      if (known) return known;
      const later = runners.filter((other) => other.row.after.includes(runner.id));
      // The configuration refuses circles, so this ends.
      const stopped =
        later.length === 0 ? runner.stop(reason) : Promise.all(later.map(stop)).then(() => runner.stop(reason));
      stops.set(runner, stopped);
      return stopped;
    };
    for (const runner of runners) stop(runner);
    return stops;
  }

  /** Whether waiting for `runner` would be in vain for now: it runs, has ended, or waits for one that has failed. */
  isSettled(runner: ServiceRunner): boolean {
    if (runner.elsewhere) return true;
    switch (runner.state) {
      case "running":
      case "ended":
      case "waiting":
        return true;
      case "pending":
        return this.#known(runner.row.after).some(
          (other) => !other.isReady && !other.elsewhere && this.isSettled(other),
        );
      case "idle":
      case "starting":
      case "stopping":
        return false;
      default:
        return runner.state satisfies never;
    }
  }

  #known(ids: readonly string[]): ServiceRunner[] {
    return ids.flatMap((id) => this.#runners.get(id) ?? []);
  }
}
