// SubscriberService: services that listen.
import type { ConfigSchema } from "../config/service-config.ts";
import type { Schema } from "../messenger/schema.ts";
import { configCheck } from "../service/config-check.ts";
import { addressCheck } from "./address-check.ts";
import { SubscriberServiceConfig } from "./config.ts";
import type { JsonMessage } from "./messages.ts";
import { addTaker, hostOf, MessagingService } from "./messaging-service.ts";
import { Subscribing, type TopicHandler } from "./subscribing.ts";

/**
 * Hears messages on topics: those of `topics` in its configuration, and those with a handler of their own. A topic is
 * a whole word: `state` is not `state.dome`; `state.*` and `state.>` are patterns, as in NATS, on both transports.
 * @typeParam S the zod schema of its configuration: `SubscriberServiceConfig`, or an extension of it
 * @example
 * ```ts
 * import { service } from "ocabox-tcs";
 * import { SubscriberService } from "ocabox-tcs/kinds";
 * import { z } from "zod";
 *
 * const Wind = z.object({ speed: z.number() });
 *
 * @service
 * export class WindWatch extends SubscriberService {
 *   override onStart() {
 *     this.onTopic("weather.wind", Wind, ({ speed }) => this.logger.info(`wind ${speed} m/s`));
 *   }
 * }
 * ```
 */
export abstract class SubscriberService<
  S extends typeof SubscriberServiceConfig = typeof SubscriberServiceConfig,
> extends MessagingService<S> {
  /** The schema of who gives none. */
  static readonly configSchema: ConfigSchema = SubscriberServiceConfig;
  static readonly [configCheck] = addressCheck({ sub: "connect" });
  readonly #subscribing = this[addTaker](
    new Subscribing(
      this[hostOf],
      () => this.config,
      (message, topic) => this.handleMessage(topic, message),
    ),
  );

  /**
   * Gives a topic, or a pattern of topics, a handler of its own; of several that match, the one that says most gets the
   * message. Messages come one after the other. What a handler throws is logged and counted, and the next one comes.
   * To be called in the constructor or in `onStart`.
   * @param schema zod or the like: messages that do not fit are logged, and go to nobody
   * @throws TopicError
   */
  onTopic(pattern: string, handler: TopicHandler): this;
  onTopic<T>(pattern: string, schema: Schema<T>, handler: TopicHandler<T>): this;
  onTopic<T>(pattern: string, first: Schema<T> | TopicHandler, second?: TopicHandler<T>): this {
    this.#subscribing.add(pattern, first, second);
    return this;
  }

  /** Gets the messages of the topics in the configuration that have no handler of their own. */
  handleMessage(_topic: string, _message: JsonMessage): Promise<void> | void {
    // Nothing, unless overridden.
  }
}
