// Who handles which topic. ZeroMQ compares beginnings of bytes; here a topic is a word, and goes to who asked for it.
import { checkTopic, decodeTopicMessage, type JsonMessage } from "./experimance.ts";

export type TopicHandler = (message: JsonMessage, topic: string) => void | Promise<void>;

/**
 * Hands messages of the form `<topic> <json>` to the handler of their topic: that of exactly this topic, else that of the
 * longest beginning, else the one for all others. `subscriptions` is what a SUB socket is to subscribe to for them.
 */
export class TopicHandlers {
  readonly #exact = new Map<string, TopicHandler>();
  readonly #prefixes = new Map<string, TopicHandler>();
  #others: TopicHandler | undefined;

  /** Handles one topic: `state` is not `state.dome` and not `statement`. @throws ZmtpUsageError for a topic with blanks */
  on(topic: string, handler: TopicHandler): this {
    checkTopic(topic);
    this.#exact.set(topic, handler);
    return this;
  }

  /** Handles all topics that begin so, as `worker.`. @throws ZmtpUsageError for one with blanks */
  onPrefix(prefix: string, handler: TopicHandler): this {
    checkTopic(prefix);
    this.#prefixes.set(prefix, handler);
    return this;
  }

  /** Handles all topics that have no other handler, and messages without a topic. */
  onOthers(handler: TopicHandler): this {
    this.#others = handler;
    return this;
  }

  /** Prefixes of frames: the blank after an exact topic keeps longer ones away already at the publisher. */
  get subscriptions(): string[] {
    return this.#others ? [""] : [...[...this.#exact.keys()].map((topic) => `${topic} `), ...this.#prefixes.keys()];
  }

  /**
   * Hands a frame to its handler, and waits for it.
   * @returns whether it has one
   * @throws ZmtpMessageError for a frame of another form, and what the handler throws
   */
  async dispatch(frame: Buffer): Promise<boolean> {
    const { topic, message } = decodeTopicMessage(frame);
    const handler = this.#exact.get(topic) ?? this.#ofPrefix(topic) ?? this.#others;
    await handler?.(message, topic);
    return handler !== undefined;
  }

  #ofPrefix(topic: string): TopicHandler | undefined {
    let longest = "";
    for (const prefix of this.#prefixes.keys()) {
      if (prefix.length > longest.length && topic.startsWith(prefix)) longest = prefix;
    }
    return this.#prefixes.get(longest);
  }
}
