// The classes services extend. Each kind maps its authors' methods onto one start-run-stop cycle.
import type { z } from "zod";
import type { Logger } from "../common/logger.ts";
import type { BaseServiceConfig, ConfigSchema } from "../config/service-config.ts";
import type { Messenger } from "../messenger/messenger.ts";
import type { StatusCallback } from "../monitoring/health.ts";
import type { MonitoredObject } from "../monitoring/monitored-object.ts";
import { type ServiceContext, takeServiceContext } from "./context.ts";
import type { LifecycleState } from "./lifecycle.ts";

// The cycle that the controller drives; symbols, so that no author overrides or calls it by accident.
export const cycleStart: unique symbol = Symbol("tcs.start");
/** Resolves when the service ends of itself. */
export const cycleRun: unique symbol = Symbol("tcs.run");
export const cycleStop: unique symbol = Symbol("tcs.stop");
/** What the service was given when it was made. */
export const contextOf: unique symbol = Symbol("tcs.context");

/**
 * Base of all services. Extend one of its subclasses instead.
 * @typeParam S the zod schema of the service's configuration
 */
export abstract class BaseService<S extends ConfigSchema = typeof BaseServiceConfig> {
  readonly #context: ServiceContext;
  readonly #sleep: StopAwareSleep;

  constructor() {
    this.#context = takeServiceContext(new.target.name);
    this.#sleep = new StopAwareSleep(this.#context.signal);
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
    return this.#context.signal;
  }
  get state(): LifecycleState {
    return this.#context.lifecycle.state;
  }
  /** True until the service is asked to stop: the condition of a main loop. */
  get isRunning(): boolean {
    return !this.#context.signal.aborted;
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
    return this.#sleep.sleep(seconds);
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

/** setTimeout's own limit, about 24.8 days; longer sleeps are made of several. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const FALSE_AFTER_STOP = 16;
const THROWS_AFTER_STOP = 32;

/** Sleep that wakes at stop, and does not let a loop that ignores the stop spin. */
class StopAwareSleep {
  #callsAfterStop = 0;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  async sleep(seconds: number): Promise<boolean> {
    if (Number.isNaN(seconds) || seconds < 0) {
      throw new RangeError(`sleep(${seconds}): expected a number of seconds, 0 or more`);
    }
    let remainingMs = seconds * 1000;
    do {
      if (this.#signal.aborted) return await this.#afterStop();
      const stepMs = Math.min(remainingMs, LONGEST_TIMER_MS);
      if (!(await this.#wait(stepMs))) return false;
      remainingMs -= stepMs;
    } while (remainingMs > 0);
    return true;
  }

  #wait(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
      const timer = setTimeout(() => {
        this.#signal.removeEventListener("abort", wake);
        resolve(true);
      }, ms);
      this.#signal.addEventListener("abort", wake, { once: true });
    });
  }

  /** First false, then AbortError, then never: whatever a loop ignores or swallows, it ends, and never spins. */
  async #afterStop(): Promise<boolean> {
    this.#callsAfterStop++;
    if (this.#callsAfterStop <= FALSE_AFTER_STOP) {
      await Bun.sleep(0);
      return false;
    }
    if (this.#callsAfterStop <= THROWS_AFTER_STOP) throw new DOMException("the service is stopping", "AbortError");
    return await new Promise<boolean>(() => {
      // Parked for good: the caller swallowed every sign of the stop.
    });
  }
}
