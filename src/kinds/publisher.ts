// PublisherService, and PublisherSubscriberService: services that publish.
import type { ConfigSchema } from "../config/service-config.ts";
import type { Schema } from "../messenger/schema.ts";
import { configCheck } from "../service/config-check.ts";
import { addressCheck } from "./address-check.ts";
import { PublisherServiceConfig, PublisherSubscriberServiceConfig } from "./config.ts";
import { TopicError } from "./errors.ts";
import type { JsonMessage } from "./messages.ts";
import { addSender, addTaker, hostOf, MessagingService } from "./messaging-service.ts";
import { Publishing } from "./publishing.ts";
import { Subscribing, type TopicHandler } from "./subscribing.ts";

/**
 * Publishes messages on topics, and a heartbeat.
 * @typeParam S the zod schema of its configuration: `PublisherServiceConfig`, or an extension of it
 * @example
 * ```ts
 * import { service } from "ocabox-tcs";
 * import { PublisherService } from "ocabox-tcs/kinds";
 *
 * @service
 * export class Weather extends PublisherService {
 *   override async runService() {
 *     while (await this.sleep(1)) await this.publishMessage("weather.wind", { speed: 4.2 });
 *   }
 * }
 * ```
 */
export abstract class PublisherService<
  S extends typeof PublisherServiceConfig = typeof PublisherServiceConfig,
> extends MessagingService<S> {
  /** The schema of who gives none. */
  static readonly configSchema: ConfigSchema = PublisherServiceConfig;
  static readonly [configCheck] = addressCheck({ pub: "bind" });
  readonly #publishing = this[addSender](new Publishing(this[hostOf], () => this.config));

  /**
   * Publishes a message, on a topic or on the one that its `type` names. Who listens is not waited for; over NATS messages
   * wait while the broker is away.
   * @throws TopicError
   */
  publishMessage(topic: string, message: JsonMessage): Promise<void>;
  publishMessage(message: JsonMessage & { type: string }): Promise<void>;
  async publishMessage(first: string | JsonMessage, second?: JsonMessage): Promise<void> {
    const [topic, message] = typeof first === "string" ? [first, second] : [first.type, first];
    if (typeof topic !== "string" || !message) throw new TopicError("publishMessage: expected a topic and a message");
    await this.#publishing.publish(topic, message);
  }
}

/** Publishes and subscribes: what PublisherService and SubscriberService do. */
export abstract class PublisherSubscriberService<
  S extends typeof PublisherSubscriberServiceConfig = typeof PublisherSubscriberServiceConfig,
> extends PublisherService<S> {
  static override readonly configSchema: ConfigSchema = PublisherSubscriberServiceConfig;
  static override readonly [configCheck] = addressCheck({ pub: "bind", sub: "connect" });
  readonly #subscribing = this[addTaker](
    new Subscribing(
      this[hostOf],
      () => this.config,
      (message, topic) => this.handleMessage(topic, message),
    ),
  );

  /** As that of SubscriberService. */
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
