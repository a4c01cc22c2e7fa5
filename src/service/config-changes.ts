// Gives a running service another configuration: it is asked if it has `onConfigChange`, and keeps what it has if it refuses.
import { atMost } from "../common/at-most.ts";
import { describeError, TcsError } from "../common/errors.ts";
import type { ConfigSchema } from "../config/service-config.ts";
import { contextOf } from "./base-service.ts";
import { configDifference } from "./config-difference.ts";
import type { ServiceController } from "./controller.ts";

/** How long `onConfigChange` may take, milliseconds: beyond that the change counts as refused. */
export const CONFIG_LIMIT_MS = 10_000;

/** What a service made of another configuration. `keys`: the fields that differ. */
export type ConfigOutcome =
  | { result: "applied"; keys: string[] }
  /** It means the same as what it has. */
  | { result: "unchanged" }
  /** It keeps what it has: `reason` has its words. */
  | { result: "refused"; keys: string[]; reason: string };

export interface ConfigChangesOptions {
  controller: ServiceController;
  /** Runs code of the service. */
  enter: <T>(run: () => T) => T;
  limitMs?: number;
}

export class ConfigChanges {
  /** What the configuration of the service must fit: known once its file is loaded. */
  schema: ConfigSchema | undefined;
  readonly #options: ConfigChangesOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ConfigChangesOptions) {
    this.#options = options;
  }

  /** Whether the service wants to be told of changes. */
  get isHeard(): boolean {
    return this.#options.controller.service?.onConfigChange !== undefined;
  }

  /**
   * Makes `next`, which fits the schema, the configuration of the service. Without `onConfigChange` it is set in place. One
   * change at a time. Never rejects.
   */
  take(next: object): Promise<ConfigOutcome> {
    const turn = this.#turn
      .then(() => this.#take(next))
      .catch((error: unknown): ConfigOutcome => ({ result: "refused", keys: [], reason: describeError(error) }));
    this.#turn = turn;
    return turn;
  }

  async #take(next: object): Promise<ConfigOutcome> {
    const { service, monitor, lifecycle } = this.#options.controller;
    const { schema } = this;
    if (!service || !schema || lifecycle.state !== "running") {
      return { result: "refused", keys: [], reason: `it is ${lifecycle.state}` };
    }
    const context = service[contextOf];
    // Parsed with a schema of objects.
    const previous = context.config as object;
    const difference = configDifference(schema, previous, next);
    if (!difference) {
      monitor.setRemark(undefined);
      return { result: "unchanged" };
    }
    const { keys, words, mask } = difference;
    try {
      if (service.onConfigChange) await this.#tell(next, previous);
    } catch (error) {
      const reason = mask(describeError(error));
      context.logger.warning(`configuration change refused (${words}): ${reason}`);
      monitor.setRemark(`configuration change refused (${keys.join(", ")}): ${reason}`);
      return { result: "refused", keys, reason };
    }
    context.config = next;
    context.logger.info(`configuration changed${service.onConfigChange ? "" : " in place"}: ${words}`);
    monitor.setRemark(undefined);
    return { result: "applied", keys };
  }

  /** @throws what the service throws, or that it takes too long */
  async #tell(next: object, previous: object): Promise<void> {
    const { controller, enter, limitMs = CONFIG_LIMIT_MS } = this.#options;
    // Each service's own schema has made both.
    const change = enter(async () => await controller.service?.onConfigChange?.(next as never, previous as never));
    if (await atMost(limitMs, change)) return;
    const logger = controller.service?.[contextOf].logger;
    const after = "it has ended after its limit: the values before stay, restart the service to be sure";
    change.then(
      () => logger?.warning(`onConfigChange: ${after}`),
      (error: unknown) => logger?.warning(`onConfigChange: ${after} (${describeError(error)})`),
    );
    throw new ConfigChangeTimeout(`onConfigChange has not ended within ${limitMs / 1000} s; it goes on`);
  }
}

/**
 * A service takes too long over new values.
 * @cause A service's onConfigChange takes longer than it may; it goes on.
 * @remedy Make it shorter, or do the work elsewhere in the service.
 * @example onConfigChange has not ended within 10 s; it goes on
 */
class ConfigChangeTimeout extends TcsError {
  override readonly code = "E_CONFIG_CHANGE_TIMEOUT";
}
