// A service's way in for messages on topics: each goes to the handler of its own topic, and to no other.
import { AsyncResource } from "node:async_hooks";
import { describeError } from "../common/errors.ts";
import { checked, type Schema } from "../messenger/schema.ts";
import type { SubscribingFields } from "./config.ts";
import { TopicError } from "./errors.ts";
import { addressesOf, type End, type Host, lossCounter, sparingly } from "./host.ts";
import type { JsonMessage } from "./messages.ts";
import { checkPattern, TopicTable } from "./topics.ts";
import type { Inlet } from "./transport.ts";

/** @typeParam T what the message is */
export type TopicHandler<T = JsonMessage> = (message: T, topic: string) => Promise<void> | void;

export class Subscribing implements End {
  readonly name = "sub";
  readonly #host: Host;
  readonly #config: () => SubscribingFields;
  readonly #handlers = new TopicTable<TopicHandler>();
  readonly #usual: TopicHandler;
  readonly #tellFailure: (line: string) => void;
  #inlet: Inlet | undefined;
  #isOpen = false;

  /** @param usual gets what is in `topics` and has no handler of its own */
  constructor(host: Host, config: () => SubscribingFields, usual: TopicHandler) {
    this.#host = host;
    this.#config = config;
    this.#usual = usual;
    this.#tellFailure = sparingly((line) => host.logger.error(line));
  }

  get addresses(): readonly string[] {
    return this.#inlet?.addresses ?? [];
  }

  add<T>(pattern: string, first: Schema<T> | TopicHandler, second?: TopicHandler<T>): void {
    if (this.#isOpen) {
      throw new TopicError(`${pattern}: handlers are told before the service runs, at the latest in onStart`);
    }
    if (!second) {
      // Alone it is the handler: see the overloads of onTopic.
      this.#handlers.set(pattern, first as TopicHandler);
      return;
    }
    const schema = first as Schema<T>;
    this.#handlers.set(pattern, async (message, topic) => second(await checked(topic, schema, message), topic));
  }

  async open(): Promise<void> {
    const host = this.#host;
    for (const topic of this.#config().topics.map(checkPattern)) {
      if (!this.#handlers.has(topic)) this.#handlers.set(topic, this.#usual);
    }
    this.#isOpen = true;
    const { patterns } = this.#handlers;
    if (patterns.length === 0) {
      host.logger.info("it subscribes to nothing: there are no topics");
      return;
    }
    const addresses = addressesOf("sub_address", this.#config().sub_address, host.transport, host.transport === "zmq");
    this.#inlet = await (await host.openTransport()).openInlet({
      addresses,
      patterns,
      patternOf: (topic) => this.#handlers.patternOf(topic),
      // As code of this service, whoever has opened the connection.
      take: AsyncResource.bind((topic: string, message: JsonMessage) => this.#take(topic, message)),
      lost: lossCounter(host, "a message was lost: "),
    });
  }

  async close(limitMs: number): Promise<void> {
    const inlet = this.#inlet;
    this.#inlet = undefined;
    await inlet?.close(limitMs);
  }

  async #take(topic: string, message: JsonMessage): Promise<void> {
    const { stats, troubles } = this.#host;
    stats.countReceived();
    try {
      await this.#handlers.takerOf(topic)?.(message, topic);
    } catch (error) {
      troubles.failed += 1;
      this.#tellFailure(`handling ${topic}: ${describeError(error)}`);
    }
  }
}
