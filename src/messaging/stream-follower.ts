// Following one of the streams, over restarts of the broker and of the connection: no message twice, none left out.
import type { NatsConnection } from "nats";
import { type ConsumerStart, openConsumer, type StreamConsumer } from "./consumer.ts";
import { findStream } from "./find-stream.ts";
import type { MessageListener } from "./read-to-end.ts";
import type { StreamKind } from "./snapshot.ts";

/** Pause before another attempt to read, milliseconds. */
const AGAIN_MS = 300;
/** The broker tells every five seconds that it is there: after so long without, the reading is begun anew. */
const SILENCE_MS = 12_000;

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
  readonly #watch: ReturnType<typeof setInterval>;
  /** The last message that was read: its number, and when it was stored. */
  #after: number;
  #afterTime = 0;
  #heardAt = 0;
  /** Rises with each attempt: only the latest goes on. */
  #attempt = 0;
  #connection: NatsConnection | undefined;
  #consumer: StreamConsumer | undefined;

  constructor(options: StreamFollowOptions) {
    this.#options = options;
    this.#after = options.after;
    this.#watch = setInterval(() => {
      if (this.#consumer && performance.now() - this.#heardAt > SILENCE_MS) this.#restart();
    }, 1_000);
  }

  /** The connection is there (again): reads on where it left off. */
  resume(connection: NatsConnection): void {
    this.#connection = connection;
    this.#restart();
  }

  stop(): void {
    this.#attempt += 1;
    clearInterval(this.#watch);
    this.#consumer?.stop();
  }

  #restart(): void {
    const connection = this.#connection;
    this.#consumer?.stop();
    this.#consumer = undefined;
    if (connection) void this.#read(connection, ++this.#attempt);
  }

  async #read(connection: NatsConnection, attempt: number): Promise<void> {
    const { prefix, kind, subject } = this.#options;
    while (attempt === this.#attempt) {
      const stream = await findStream(connection, prefix, kind);
      if (attempt !== this.#attempt) return;
      let nth = 0;
      const message: MessageListener = (name, payload, place) => {
        if (attempt !== this.#attempt) return;
        nth += 1;
        // One was lost on the way here: what was read last is known, so begin again after it.
        if (place.nth !== nth) this.#restart();
        else this.#take(name, payload, place);
      };
      const idle = () => {
        this.#heardAt = performance.now();
      };
      if (stream.ok) {
        this.#heardAt = performance.now();
        const consumer = await openConsumer(connection, stream.name, subject, this.#start(stream.lastSeq), {
          message,
          idle,
        });
        if (consumer.ok && attempt === this.#attempt) {
          this.#consumer = consumer;
          return;
        }
        if (consumer.ok) consumer.stop();
      }
      await Bun.sleep(AGAIN_MS);
    }
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
    this.#heardAt = performance.now();
    if (seq <= this.#after && time <= this.#afterTime) return;
    this.#after = seq;
    this.#afterTime = Math.max(time, this.#afterTime);
    this.#options.onMessage(subject, payload, place);
  };
}
