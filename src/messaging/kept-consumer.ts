// A consumer that is kept: opened anew with each connection, after a silence, and where a message was lost on the way.
import type { NatsConnection } from "nats";
import { type ConsumerEvents, type ConsumerStart, openConsumer, type StreamConsumer } from "./consumer.ts";

/** From where on what is read. */
export interface Reading {
  ok: true;
  stream: string;
  /** What of it, as `svc.log.>`. */
  subject: string;
  start: ConsumerStart;
  /** Told of this reading until the next begins. */
  events: Omit<ConsumerEvents, "lost">;
}

export interface KeptConsumerOptions {
  /** Asked at each beginning, also after one that failed. Never rejects. */
  begin: (connection: NatsConnection) => Promise<Reading | { ok: false; message: string }>;
  /** It could not be begun, and why. It is tried again. */
  onFault?: (message: string) => void;
  /** How often the broker says that it is there, milliseconds; default 5,000. */
  idleMs?: number;
  /** Pause before another attempt after one that failed, milliseconds: doubled at each, up to the longest. */
  again: { firstMs: number; longestMs: number };
}

const IDLE_MS = 5_000;
/** The reading is begun anew when nothing was heard for so many times `idleMs`. */
const SILENT_TIMES = 2.4;

/** No timer of it keeps a program going: its connection does. */
export class KeptConsumer {
  readonly #options: KeptConsumerOptions;
  readonly #idleMs: number;
  readonly #watch: ReturnType<typeof setInterval>;
  #connection: NatsConnection | undefined;
  #consumer: StreamConsumer | undefined;
  /** Rises with each attempt: only the latest goes on. */
  #attempt = 0;

  constructor(options: KeptConsumerOptions) {
    this.#options = options;
    this.#idleMs = options.idleMs ?? IDLE_MS;
    this.#watch = setInterval(() => {
      if (this.#consumer && this.#consumer.silentMs > SILENT_TIMES * this.#idleMs) this.restart();
    }, 1_000);
    this.#watch.unref();
  }

  get isOpen(): boolean {
    return this.#consumer !== undefined;
  }

  /** The connection is there, or there again. */
  use(connection: NatsConnection): void {
    this.#connection = connection;
    this.restart();
  }

  restart(): void {
    this.#end();
    if (this.#connection) void this.#keepTrying(this.#connection, this.#attempt);
  }

  stop(): void {
    clearInterval(this.#watch);
    this.#end();
  }

  #end(): void {
    this.#attempt += 1;
    this.#consumer?.stop();
    this.#consumer = undefined;
  }

  async #keepTrying(connection: NatsConnection, attempt: number): Promise<void> {
    const { firstMs, longestMs } = this.#options.again;
    for (let pauseMs = firstMs; attempt === this.#attempt; pauseMs = Math.min(2 * pauseMs, longestMs)) {
      // A new connection begins an attempt of its own.
      if (connection.isClosed()) return;
      const fault = await this.#open(connection, attempt);
      if (fault === undefined || attempt !== this.#attempt) return;
      this.#options.onFault?.(fault);
      await new Promise<void>((resolve) => setTimeout(resolve, pauseMs).unref());
    }
  }

  /** @returns why it could not be opened */
  async #open(connection: NatsConnection, attempt: number): Promise<string | undefined> {
    const reading = await this.#options.begin(connection);
    if (!reading.ok) return reading.message;
    if (attempt !== this.#attempt) return undefined;
    const { stream, subject, start, events } = reading;
    const isCurrent = () => attempt === this.#attempt;
    const guarded: ConsumerEvents = {
      message: (...told) => void (isCurrent() && events.message(...told)),
      caughtUp: () => void (isCurrent() && events.caughtUp?.()),
      lost: () => void (isCurrent() && this.restart()),
    };
    const consumer = await openConsumer(connection, stream, subject, start, guarded, { idleMs: this.#idleMs });
    if (!consumer.ok) return consumer.message;
    if (isCurrent()) this.#consumer = consumer;
    else consumer.stop();
    return undefined;
  }
}
