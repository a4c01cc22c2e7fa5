// The classes services extend. Each kind maps its authors' methods onto one start-run-stop cycle.
import type { z } from "zod";
import type { Logger } from "../common/logger.ts";
import type { BaseServiceConfig, ConfigSchema } from "../config/service-config.ts";
import type { Messenger } from "../messenger/messenger.ts";
import type { StatusCallback } from "../monitoring/health.ts";
import type { MonitoredObject } from "../monitoring/monitored-object.ts";
import { type ServiceContext, takeServiceContext } from "./context.ts";
import type { RecordOptions, ServiceStats, ServiceTask, TaskWork } from "./life/index.ts";
import type { LifecycleState, LifecycleStep, StateObservation, WaitOptions } from "./lifecycle/index.ts";

// The cycle that the controller drives; symbols, so that no author overrides or calls it by accident.
export const cycleStart: unique symbol = Symbol("tcs.start");
/** Resolves when the service ends of itself. */
export const cycleRun: unique symbol = Symbol("tcs.run");
export const cycleStop: unique symbol = Symbol("tcs.stop");
/** Whether what has been started of a service is stopped again when its start fails. */
export const stopsFailedStart: unique symbol = Symbol("tcs.stopsFailedStart");
/** What the service was given when it was made. */
export const contextOf: unique symbol = Symbol("tcs.context");

/**
 * Base of all services. Extend one of its subclasses instead.
 * @typeParam S the zod schema of the service's configuration
 */
export abstract class BaseService<S extends ConfigSchema = typeof BaseServiceConfig> {
  readonly #context: ServiceContext;

  constructor() {
    this.#context = takeServiceContext(new.target.name);
  }

  /** `<type>.<variant>`, as in the configuration and on the wire. */
  get id(): string {
    return this.#context.id;
  }
  /**
   * The service's configuration, checked against its schema. Available in the constructor and in field initialisers. To be
   * read where it is used, not copied: it may change while the service runs.
   */
  get config(): Readonly<z.output<S>> {
    // The controller parsed it with this class's schema.
    return this.#context.config as z.output<S>;
  }
  /** Logs under the service's id. */
  get logger(): Logger {
    return this.#context.logger;
  }
  /** The service's monitor: status, health checks, metrics, task tracking. */
  get monitor(): MonitoredObject {
    return this.#context.monitor;
  }
  /**
   * Publishes, reads, asks and answers over the fleet's broker. It connects at its first use, speaks as this service, and is
   * drained and closed when the service has ended.
   * @example await this.messenger.singlePublish("telemetry.wind", { speed: 4.2 });
   */
  get messenger(): Messenger {
    return this.#context.messenger();
  }
  /** Aborted when the service is asked to stop: give it to fetch, timers and streams. */
  get signal(): AbortSignal {
    return this.#context.life.signal;
  }
  get state(): LifecycleState {
    return this.#context.life.lifecycle.state;
  }
  /** The states it has been in (the latest 100), with monotonic times, oldest first. */
  get stateHistory(): readonly LifecycleStep[] {
    return this.#context.life.lifecycle.history;
  }
  /** Start time, uptime, messages and errors counted: of this life, a restart begins anew. */
  get stats(): ServiceStats {
    return this.#context.life.stats;
  }
  /** True until the service is asked to stop: the condition of a main loop. */
  get isRunning(): boolean {
    return !this.signal.aborted;
  }
  /** @deprecated older name of `config` */
  get svcConfig(): Readonly<z.output<S>> {
    return this.config;
  }
  /** @deprecated older name of `logger` */
  get svcLogger(): Logger {
    return this.logger;
  }

  /**
   * Waits `seconds`, or until the service is asked to stop.
   * @returns true after the whole time, false when stopping
   * @throws AbortError when called again and again after the stop, so that a loop which ignores `false` ends too
   */
  sleep(seconds: number): Promise<boolean> {
    return this.#context.life.sleep.sleep(seconds);
  }

  /** The same as `sleep`: `if (!(await this.sleepIfRunning(5))) break;`. */
  sleepIfRunning(seconds: number): Promise<boolean> {
    return this.sleep(seconds);
  }

  /**
   * Has a background task done: at once if the service runs, else as soon as it does. What it throws ends the service, as an
   * exception in the main loop would; a stop waits for it. It is to end when `this.isRunning` is false.
   * @param name for messages; default: the function's
   * @throws AbortError when the service is stopping
   * @example this.registerTask(() => this.#watchWeather());
   */
  registerTask(task: TaskWork, name?: string): ServiceTask {
    return this.#context.life.tasks.register(task, name);
  }

  /** Logs `this.stats` every so many seconds (default 60) while the service runs. @throws RangeError if that is not above 0 */
  displayStats(everySeconds = 60): ServiceTask {
    if (!(everySeconds > 0)) throw new RangeError(`displayStats(${everySeconds}): expected seconds, more than 0`);
    const show = async () => {
      while (await this.sleep(everySeconds)) this.logger.info(`${this.stats}`);
    };
    return this.registerTask(show, "displayStats");
  }

  /**
   * Logs and counts an error, once however often it is recorded or thrown on. What the stop aborts is no error.
   * @param options.fatal the service cannot go on: it ends with status `error` and exit code 1
   * @param options.what what went wrong, before the error's own words
   */
  recordError(error: unknown, options: RecordOptions = {}): void {
    this.#context.life.recordError(error, options);
  }

  /**
   * Resolves when `state` is reached, if only to be left again.
   * @param options.timeoutMs milliseconds; default: as long as it can still come
   * @throws LifecycleError when it was not reached in time, or the service has ended without it
   */
  waitForState(state: LifecycleState, options: WaitOptions = {}): Promise<void> {
    return this.#context.life.lifecycle.waitForState(state, options);
  }

  /**
   * `await using _ = service.observeStateChange("stopped");` throws LifecycleError at the end of its block if the state was
   * not reached from here on.
   * @param options.timeoutMs how long the end of the block waits for it, milliseconds; default 1000
   */
  observeStateChange(state: LifecycleState, options: { timeoutMs?: number } = {}): StateObservation {
    return this.#context.life.lifecycle.observeStateChange(state, options);
  }

  /** Calls `callback` each time `state` is entered; what it throws is recorded. @returns a function that ends it */
  registerStateCallback(state: LifecycleState, callback: () => void | Promise<void>): () => void {
    return this.#context.life.lifecycle.onState(state, () => this.#context.life.enter(callback));
  }

  /** Ends the service in good order, as completed. Idempotent, from any state; returns at once. */
  requestStop(): void {
    this.#context.life.requestStop({ byItself: true });
  }

  /** A health check of the service's own, if it has one: asked as those of `monitor.addHealthcheckCb` are. */
  healthcheck?(): ReturnType<StatusCallback>;

  /**
   * The configuration has changed while the service runs; `next` is checked against its schema. When it returns (or its
   * promise resolves, within 10 s), `this.config` is `next`. What it throws refuses the change: `this.config` stays
   * `previous`, and the message of the error is told to whoever changed the configuration. Without it the service is restarted.
   * @example override onConfigChange(next: this["config"]) { this.#timer.interval = next.interval; }
   */
  onConfigChange?(next: Readonly<z.output<S>>, previous: Readonly<z.output<S>>): Promise<void> | void;

  get [contextOf](): ServiceContext {
    return this.#context;
  }

  get [stopsFailedStart](): boolean {
    return false;
  }
  abstract [cycleStart](): Promise<void>;
  abstract [cycleRun](): Promise<void>;
  abstract [cycleStop](): Promise<void>;
}

/** A service that starts its own tasks: override `startService` and `stopService`; it runs until stopped. */
export abstract class BasePermanentService<S extends ConfigSchema = typeof BaseServiceConfig> extends BaseService<S> {
  /** Start the service's tasks, and return. An exception means `failed`. */
  startService(): Promise<void> | void {
    // Nothing, unless overridden.
  }
  /** End them. `this.signal` is already aborted. */
  stopService(): Promise<void> | void {
    // Nothing, unless overridden.
  }

  async [cycleStart](): Promise<void> {
    await this.startService();
  }
  async [cycleRun](): Promise<void> {
    if (this.signal.aborted) return;
    await new Promise<void>((resolve) => this.signal.addEventListener("abort", () => resolve(), { once: true }));
  }
  async [cycleStop](): Promise<void> {
    await this.stopService();
  }
}

/** What services with one main method share: set-up before it, clean-up after it. */
abstract class ServiceWithHooks<S extends ConfigSchema> extends BaseService<S> {
  /** Set up. An exception means `failed`. */
  onStart(): Promise<void> | void {
    // Nothing, unless overridden.
  }
  /** Clean up, also when the main method threw. `this.signal` is already aborted. */
  onStop(): Promise<void> | void {
    // Nothing, unless overridden.
  }

  async [cycleStart](): Promise<void> {
    await this.onStart();
  }
  async [cycleStop](): Promise<void> {
    await this.onStop();
  }
}

/** A service with a main loop: override `runService`, and `onStart`/`onStop` where needed. Right for most services. */
export abstract class BaseBlockingPermanentService<
  S extends ConfigSchema = typeof BaseServiceConfig,
> extends ServiceWithHooks<S> {
  /** The main loop: `while (this.isRunning) { …; await this.sleep(5); }`. An exception means `error`. */
  abstract runService(): Promise<void>;

  async [cycleRun](): Promise<void> {
    await this.runService();
  }
}

/** A service that does one thing and ends: override `execute`, and `onStart`/`onStop` where needed. */
export abstract class BaseSingleShotService<
  S extends ConfigSchema = typeof BaseServiceConfig,
> extends ServiceWithHooks<S> {
  /** The task. An exception means `error` and exit code 1. */
  abstract execute(): Promise<void>;

  async [cycleRun](): Promise<void> {
    await this.execute();
  }
}
