// What belongs to one life of a service, and is made anew for the next: its states, its stop, tasks, counts and errors.
import { AsyncLocalStorage } from "node:async_hooks";
import { describeError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import { Lifecycle } from "../lifecycle/index.ts";
import { RecordedErrors } from "./recorded-errors.ts";
import { StopAwareSleep } from "./sleep.ts";
import { ServiceStats } from "./stats.ts";
import { ServiceTasks } from "./tasks.ts";

/** Whose code is running, as far as the asynchronous context tells. */
const current = new AsyncLocalStorage<ServiceLife>();

export interface RecordOptions {
  /** The service cannot go on: it ends with status `error` and exit code 1. Default: false. */
  fatal?: boolean;
  /** What went wrong, before the error's own words. */
  what?: string;
}

export interface ServiceLifeOptions {
  logger: Logger;
  /** Runs all code of the service. */
  enter?: (<T>(run: () => T) => T) | undefined;
}

export class ServiceLife {
  readonly lifecycle = new Lifecycle({
    onError: (error) => this.recordError(error, { what: "State callback failed" }),
  });
  readonly stats = new ServiceStats(this.lifecycle);
  readonly tasks: ServiceTasks;
  readonly sleep: StopAwareSleep;
  readonly #logger: Logger;
  readonly #enter: ServiceLifeOptions["enter"];
  readonly #stop = new AbortController();
  readonly #crash = Promise.withResolvers<never>();
  readonly #recorded = new RecordedErrors();
  #stopRequestedMs = 0;
  #isStoppedByItself = false;

  constructor({ logger, enter }: ServiceLifeOptions) {
    this.#logger = logger;
    this.#enter = enter;
    const { lifecycle, signal } = this;
    this.sleep = new StopAwareSleep(signal);
    this.tasks = new ServiceTasks({
      lifecycle,
      signal,
      enter: (run) => this.enter(run),
      onError: (error) => this.recordError(error, { what: "Task failed", fatal: true }),
    });
    // Nobody may be racing against a crash at the moment it happens: it is kept for the next phase.
    this.#crash.promise.catch(() => undefined);
  }

  /** Aborted when the service is asked to stop. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }
  /** When it was asked to, `performance.now()`. */
  get stopRequestedMs(): number {
    return this.#stopRequestedMs;
  }
  /** The service has ended itself, and nobody else has asked for it. */
  get isStoppedByItself(): boolean {
    return this.#isStoppedByItself;
  }
  /** Rejects when code of the service threw where nobody awaits it. */
  get crashed(): Promise<never> {
    return this.#crash.promise;
  }

  /** Runs code of the service. */
  enter<T>(run: () => T): T {
    return current.run(this, () => (this.#enter ? this.#enter(run) : run()));
  }

  /** Asks the service to stop. Idempotent, from any state. */
  requestStop({ byItself = false }: { byItself?: boolean } = {}): void {
    if (!byItself) this.#isStoppedByItself = false;
    if (this.signal.aborted) return;
    this.#isStoppedByItself = byItself;
    this.#stopRequestedMs = performance.now();
    this.#stop.abort();
  }

  /**
   * Asks the service to stop, and resolves when it has ended. For the service's own code it resolves at once: the end
   * waits for that code.
   */
  async stopped(): Promise<void> {
    this.requestStop({ byItself: true });
    const { lifecycle } = this;
    if (lifecycle.ended || current.getStore() === this) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const unsubscribe = lifecycle.onChange(() => {
      if (lifecycle.ended) resolve();
    });
    await promise;
    unsubscribe();
  }

  /** Ends the service because of `error`. */
  crash(error: unknown): void {
    this.#crash.reject(error);
  }

  /** Counts `error`, unless it, or what caused it, has been counted already. @returns whether it was ever told of before */
  countError(error: unknown): boolean {
    const recorded = this.#recorded.add(error);
    if (recorded === "new") this.stats.countError();
    return recorded === "known";
  }

  /** Logs and counts an error, once; ends the service if it is fatal. What the stop itself aborts is no error. */
  recordError(error: unknown, { fatal = false, what = "Error" }: RecordOptions = {}): void {
    if (this.signal.aborted && isAbort(error)) return;
    // Whoever ends the service tells why, and counts it.
    if (fatal && !this.signal.aborted) this.crash(error);
    else if (!this.countError(error)) this.#logger.error(`${what}: ${describeError(error)}`);
  }
}

/** An AbortError, or what one has caused. */
export function isAbort(error: unknown): boolean {
  if (error instanceof DOMException) return error.name === "AbortError";
  return error instanceof Error && isAbort(error.cause);
}
