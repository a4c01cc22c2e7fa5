// The background tasks of a service: begun when it runs, watched while they run, waited for when it stops.
import type { Lifecycle } from "../lifecycle/index.ts";
import { StopAwareSleep } from "./sleep.ts";

/** A task that was registered. */
export interface ServiceTask {
  readonly name: string;
  /** Resolves when it has ended, or will never begin because the service stops first. Never rejects. */
  readonly ended: Promise<void>;
}

/** A function that does the task, or the promise of one that is being done. */
export type TaskWork = (() => unknown) | PromiseLike<unknown>;

export interface ServiceTasksOptions {
  lifecycle: Lifecycle;
  /** Aborted when the service is asked to stop. */
  signal: AbortSignal;
  /** Runs code of the service. */
  enter: <T>(run: () => T) => T;
  /** Takes what a task throws. */
  onError: (error: unknown) => void;
}

export class ServiceTasks {
  readonly #options: ServiceTasksOptions;
  readonly #waiting = new Set<() => void>();
  readonly #running = new Set<ServiceTask>();
  #made = 0;

  constructor(options: ServiceTasksOptions) {
    this.#options = options;
    const { lifecycle, signal } = options;
    const next = () => {
      for (const go of [...this.#waiting]) go();
      this.#waiting.clear();
    };
    lifecycle.onState("running", next);
    signal.addEventListener("abort", next, { once: true });
  }

  /** Names of the tasks that have begun and not ended. */
  get names(): string[] {
    return [...this.#running].map(({ name }) => name);
  }

  /**
   * Begins `work` now if the service runs, else as soon as it does.
   * @throws AbortError when the service is stopping: the task would never begin
   */
  register(work: TaskWork, name?: string): ServiceTask {
    const { lifecycle, signal } = this.#options;
    this.#made += 1;
    const given = typeof work === "function" ? work.name : "";
    const label = name ?? (given || `task ${this.#made}`);
    if (typeof work !== "function") return this.#watch(label, work);
    if (signal.aborted || lifecycle.ended) throw new DOMException("the service is stopping", "AbortError");
    const begin = () => this.#options.enter(() => StopAwareSleep.asLoop(async () => await work()));
    if (lifecycle.state === "running") return this.#watch(label, begin());
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(() => resolve(signal.aborted ? undefined : this.#watch(label, begin()).ended));
    return { name: label, ended: promise };
  }

  /** Resolves when no task is left, those included that are registered meanwhile. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running].map(({ ended }) => ended));
  }

  #watch(name: string, work: PromiseLike<unknown>): ServiceTask {
    const { onError } = this.#options;
    const ended = Promise.resolve(work)
      .then(() => undefined, onError)
      .finally(() => this.#running.delete(task));
    const task: ServiceTask = { name, ended };
    this.#running.add(task);
    return task;
  }
}
