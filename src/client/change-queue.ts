// Changes on their way to one reader, who takes them when it is ready. What waits is bounded by the size of the fleet.
import type { FleetChange } from "./change.ts";

/** When more changes than this wait, only the latest of each service is kept. */
const MOST_WAITING = 50_000;

export class ChangeQueue {
  #waiting: FleetChange[] = [];
  /** Where the last waiting change of each service is: an update after an update takes its place. */
  readonly #last = new Map<string, number>();
  #limit = MOST_WAITING;
  #wake = Promise.withResolvers<void>();
  readonly #end = Promise.withResolvers<void>();
  #isEnded = false;
  #error: Error | undefined;

  /** Resolves when it was ended. */
  get ended(): Promise<void> {
    return this.#end.promise;
  }

  push(change: FleetChange): void {
    if (this.#isEnded) return;
    const { serviceId } = change.service;
    const at = this.#last.get(serviceId);
    const before = at === undefined ? undefined : this.#waiting[at];
    if (at !== undefined && before?.type === "update" && change.type === "update")
      this.#waiting[at] = joined(before, change);
    else {
      this.#last.set(serviceId, this.#waiting.length);
      this.#waiting.push(change);
    }
    if (this.#waiting.length > this.#limit) this.#collapse();
    this.#wake.resolve();
  }

  /** What waits is still read; then it ends, or throws `error`. */
  end(error?: Error): void {
    this.#isEnded = true;
    this.#error ??= error;
    this.#end.resolve();
    this.#wake.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FleetChange, void> {
    for (;;) {
      const batch = this.#waiting;
      this.#waiting = [];
      this.#last.clear();
      yield* batch;
      if (this.#waiting.length > 0) continue;
      if (this.#error) throw this.#error;
      if (this.#isEnded) return;
      this.#wake = Promise.withResolvers<void>();
      await this.#wake.promise;
    }
  }

  /** The reader is very slow: what it gets is true in the end, though not each step on the way. */
  #collapse(): void {
    const latest = new Map<string, FleetChange>();
    for (const change of this.#waiting) {
      const { serviceId } = change.service;
      const before = latest.get(serviceId);
      latest.delete(serviceId);
      latest.set(serviceId, before ? joined(before, change) : change);
    }
    this.#waiting = [...latest.values()];
    // A fleet that is larger than this is not to be gone through at every change.
    this.#limit = Math.max(MOST_WAITING, 2 * this.#waiting.length);
    this.#last.clear();
    for (const [i, { service }] of this.#waiting.entries()) this.#last.set(service.serviceId, i);
  }
}

/** Two changes of one service as one. */
function joined(first: FleetChange, second: FleetChange): FleetChange {
  const type = first.type === "known" && second.type !== "gone" ? "known" : second.type;
  const { previous } = first;
  return { type, service: second.service, ...(previous === undefined ? {} : { previous }) };
}
