// A service whose lifecycle is extended at every level of a chain of classes: start, run and stop, each calling super.
import type { BaseServiceConfig, ConfigSchema } from "../config/service-config.ts";
import { BaseService, contextOf, cycleRun, cycleStart, cycleStop, stopsFailedStart } from "./base-service.ts";
import { Levels } from "./lifecycle/index.ts";

/**
 * Base of services that are built in levels. Override `start`, `run` and `stop`, and call `super` in each; tcs calls them,
 * once in each life, and the states change before the first body and after the last. All of them see `this.state`.
 * @example
 * ```ts
 * @service
 * export class Dome extends LifecycleService {
 *   override async start() { await openPort(); await super.start(); }
 *   override async run() { this.registerTask(() => this.#turn()); await super.run(); }
 *   override async stop() { await super.stop(); await closePort(); }
 * }
 * ```
 */
export abstract class LifecycleService<S extends ConfigSchema = typeof BaseServiceConfig> extends BaseService<S> {
  readonly #levels: Levels;

  constructor() {
    super();
    const { life } = this[contextOf];
    this.#levels = new Levels(this, LifecycleService, { lifecycle: life.lifecycle, askStop: () => life.stopped() });
  }

  /** Set up: one's own first, then `await super.start()`. An exception means `failed`; every level is then stopped. */
  async start(): Promise<void> {
    // Every level has something to call.
  }

  /** Works until the stop: register tasks, then `await super.run()`. To return is to complete. An exception means `error`. */
  async run(): Promise<void> {
    if (this.signal.aborted) return;
    await new Promise<void>((resolve) => this.signal.addEventListener("abort", () => resolve(), { once: true }));
  }

  /**
   * Clean up: `await super.stop()` first, then one's own; `this.signal` is already aborted. Every level is stopped, even if
   * another throws, or has not called `super`.
   *
   * Whoever calls it (`await service.stop()`) asks for the stop, from any state and as often as they like; it resolves when the
   * service has ended, or at once for the service's own code, which the stop waits for.
   */
  async stop(): Promise<void> {
    // Every level has something to call.
  }

  override get [stopsFailedStart](): boolean {
    return true;
  }
  async [cycleStart](): Promise<void> {
    await this.#levels.perform("start");
  }
  async [cycleRun](): Promise<void> {
    await this.#levels.perform("run");
  }
  async [cycleStop](): Promise<void> {
    await this.#levels.perform("stop");
  }
}
