// Follows what a stream holds under some subjects: the last message of each, then every change, over all outages.
import type { NatsConnection } from "nats";
import { isJsonObject, type JsonObject } from "../common/json.ts";
import { openConsumer, type StreamConsumer } from "../messaging/consumer.ts";
import { askJetStream, JsError } from "../messaging/jetstream.ts";
import type { StoredValue } from "./stored-values.ts";

/** How often the broker says that it is there, and how long it may be silent before it is asked anew, milliseconds. */
const IDLE_MS = 2_000;
const SILENCE_MS = 5_000;
/** How often it is asked what the stream holds, milliseconds: that somebody has emptied it a consumer does not say. */
const LOOK_MS = 5_000;
/** Pause before another attempt after one that failed, milliseconds; it doubles up to the second. */
const AGAIN_MS = { first: 500, longest: 30_000 };

export interface FollowerOptions {
  /** What is followed. */
  subject: string;
  /** The stream that has it; made if need be. */
  stream: (connection: NatsConnection) => Promise<{ ok: true; name: string } | { ok: false; message: string }>;
  /** All that there is, at the beginning and after each outage. */
  onAll: (values: readonly StoredValue[]) => void;
  /** One that is new. */
  onChange: (value: StoredValue) => void;
  /** It cannot be read now, and why. Called at each attempt. */
  onFault: (message: string) => void;
}

export class ValueFollower {
  readonly #options: FollowerOptions;
  readonly #watch: ReturnType<typeof setInterval>;
  #connection: NatsConnection | undefined;
  #consumer: StreamConsumer | undefined;
  #heardAt = 0;
  #lookedAt = 0;
  #mayLook = true;
  #stream = "";
  /** Subjects of which it had a message. */
  #seen = new Set<string>();
  /** Rises with each attempt: only the latest goes on. */
  #attempt = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#watch = setInterval(() => {
      if (!this.#consumer) return;
      const now = performance.now();
      if (now - this.#heardAt > SILENCE_MS) this.#restart();
      else if (now - this.#lookedAt > LOOK_MS && this.#mayLook) void this.#look();
    }, 1_000);
    this.#watch.unref();
  }

  /** The connection is there (again): reads everything anew, and follows. */
  use(connection: NatsConnection): void {
    this.#connection = connection;
    this.#restart();
  }

  stop(): void {
    this.#attempt += 1;
    clearInterval(this.#watch);
    this.#consumer?.stop();
    this.#consumer = undefined;
  }

  #restart(): void {
    this.#consumer?.stop();
    this.#consumer = undefined;
    if (this.#connection) void this.#follow(this.#connection, ++this.#attempt);
  }

  /** Reads all anew when the stream holds less than it did. */
  async #look(): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    this.#lookedAt = performance.now();
    const attempt = this.#attempt;
    // Those that come while it answers it may not have counted.
    const seen = this.#seen.size;
    const answer = await askJetStream(connection, `STREAM.INFO.${this.#stream}`, {}, LOOK_MS);
    if (attempt !== this.#attempt) return;
    if (answer.ok) {
      if (subjectsIn(answer.value) < seen) this.#restart();
    } else if (answer.errCode === JsError.streamNotFound) this.#restart();
    // Who may not ask is told by an outage, as by the silence of a stream that is gone.
    else if (answer.reason === "denied") this.#mayLook = false;
  }

  async #follow(connection: NatsConnection, attempt: number): Promise<void> {
    for (let pauseMs = AGAIN_MS.first; attempt === this.#attempt; pauseMs = Math.min(2 * pauseMs, AGAIN_MS.longest)) {
      // A new connection begins an attempt of its own.
      if (connection.isClosed()) return;
      const fault = await this.#open(connection, attempt);
      if (fault === undefined || attempt !== this.#attempt) return;
      this.#options.onFault(fault);
      // Nobody's end waits for it.
      await new Promise<void>((resolve) => setTimeout(resolve, pauseMs).unref());
    }
  }

  /** @returns why it could not be opened */
  async #open(connection: NatsConnection, attempt: number): Promise<string | undefined> {
    const { subject, onAll, onChange } = this.#options;
    const stream = await this.#options.stream(connection);
    if (!stream.ok) return stream.message;
    let nth = 0;
    this.#stream = stream.name;
    this.#seen = new Set();
    this.#lookedAt = performance.now();
    let first: StoredValue[] | undefined = [];
    const complete = () => {
      if (first && attempt === this.#attempt) onAll(first);
      first = undefined;
    };
    this.#heardAt = performance.now();
    const consumer = await openConsumer(
      connection,
      stream.name,
      subject,
      { deliver_policy: "last_per_subject" },
      {
        message: (name, data, place) => {
          if (attempt !== this.#attempt) return;
          this.#heardAt = performance.now();
          nth += 1;
          // One was lost on the way here.
          if (place.nth !== nth) return this.#restart();
          this.#seen.add(name);
          const value = { subject: name, data, seq: place.seq, time: place.time };
          if (first) first.push(value);
          else onChange(value);
          if (place.pending === 0) complete();
        },
        idle: () => {
          this.#heardAt = performance.now();
        },
        // How many follow, told with each message, may be too high.
        caughtUp: complete,
      },
      { idleMs: IDLE_MS },
    );
    if (!consumer.ok) return consumer.message;
    if (attempt !== this.#attempt) {
      consumer.stop();
      return undefined;
    }
    this.#consumer = consumer;
    if (consumer.isEmpty) complete();
    return undefined;
  }
}

/** Of how many subjects a stream holds something. */
function subjectsIn({ state }: JsonObject): number {
  if (!isJsonObject(state)) return Number.POSITIVE_INFINITY;
  if (state.messages === 0) return 0;
  return typeof state.num_subjects === "number" ? state.num_subjects : Number.POSITIVE_INFINITY;
}
