// Following one of the streams, over restarts of the broker and of the connection: no message twice, none left out.
import type { NatsConnection } from "nats";
import type { ConsumerStart } from "./consumer.ts";
import { findStream, type StreamFault } from "./find-stream.ts";
import { KeptConsumer, type Reading } from "./kept-consumer.ts";
import type { MessageListener } from "./read-to-end.ts";
import type { StreamKind } from "./snapshot.ts";

/** Pause before another attempt to read, milliseconds. */
const AGAIN_MS = 300;

export interface StreamFollowOptions {
  prefix: string;
  kind: StreamKind;
  /** What is followed, as `svc.log.>`. */
  subject: string;
  /** The last message of the stream that was read already. */
  after: number;
  onMessage: MessageListener;
}

export class StreamFollower {
  readonly #options: StreamFollowOptions;
  readonly #consumer: KeptConsumer;
  /** The last message that was read: its number, and when it was stored. */
  #after: number;
  #afterTime = 0;

  constructor(options: StreamFollowOptions) {
    this.#options = options;
    this.#after = options.after;
    this.#consumer = new KeptConsumer({
      begin: (connection) => this.#begin(connection),
      again: { firstMs: AGAIN_MS, longestMs: AGAIN_MS },
    });
  }

  /** The connection is there (again): reads on where it left off. */
  resume(connection: NatsConnection): void {
    this.#consumer.use(connection);
  }

  stop(): void {
    this.#consumer.stop();
  }

  async #begin(connection: NatsConnection): Promise<Reading | StreamFault> {
    const { prefix, kind, subject } = this.#options;
    const stream = await findStream(connection, prefix, kind);
    if (!stream.ok) return stream;
    return {
      ok: true,
      stream: stream.name,
      subject,
      start: this.#start(stream.lastSeq),
      events: { message: this.#take },
    };
  }

  /** By time when it is known: a stream that was lost, or lost its end, counts its messages anew. */
  #start(lastSeq: number): ConsumerStart {
    if (this.#afterTime > 0) {
      return { deliver_policy: "by_start_time", opt_start_time: new Date(this.#afterTime - 1).toISOString() };
    }
    if (lastSeq < this.#after) return { deliver_policy: "all" };
    return { deliver_policy: "by_start_sequence", opt_start_seq: this.#after + 1 };
  }

  readonly #take: MessageListener = (subject, payload, place) => {
    const { seq, time } = place;
    if (seq <= this.#after && time <= this.#afterTime) return;
    this.#after = seq;
    this.#afterTime = Math.max(time, this.#afterTime);
    this.#options.onMessage(subject, payload, place);
  };
}
