// Follows what a stream holds under some subjects: the last message of each, then every change, over all outages.
import type { NatsConnection } from "nats";
import { isJsonObject, type JsonObject } from "../common/json.ts";
import { askJetStream, JsError } from "../messaging/jetstream.ts";
import { KeptConsumer, type Reading } from "../messaging/kept-consumer.ts";
import type { StoredValue } from "./stored-values.ts";

/** How often the broker says that it is there, milliseconds. */
const IDLE_MS = 2_000;
/** How often it is asked what the stream holds, milliseconds: that somebody has emptied it a consumer does not say. */
const LOOK_MS = 5_000;
/** Pause before another attempt after one that failed, milliseconds. */
const AGAIN = { firstMs: 500, longestMs: 30_000 };

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

/** What one reading has found so far. */
interface Found {
  connection: NatsConnection;
  stream: string;
  /** Subjects of which it had a message. */
  seen: Set<string>;
  /** What came until all was told; undefined from then on. */
  first: StoredValue[] | undefined;
}

export class ValueFollower {
  readonly #options: FollowerOptions;
  readonly #consumer: KeptConsumer;
  readonly #looks: ReturnType<typeof setInterval>;
  /** Of the present reading, once all was told. */
  #found: Found | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#consumer = new KeptConsumer({
      begin: (connection) => this.#begin(connection),
      onFault: options.onFault,
      idleMs: IDLE_MS,
      again: AGAIN,
    });
    this.#looks = setInterval(() => void this.#look(), LOOK_MS);
    // As the consumer's: nobody's end waits for it.
    this.#looks.unref();
  }

  /** The connection is there (again): reads everything anew, and follows. */
  use(connection: NatsConnection): void {
    this.#consumer.use(connection);
  }

  stop(): void {
    clearInterval(this.#looks);
    this.#consumer.stop();
    this.#found = undefined;
  }

  async #begin(connection: NatsConnection): Promise<Reading | { ok: false; message: string }> {
    const { subject, onAll, onChange } = this.#options;
    const stream = await this.#options.stream(connection);
    if (!stream.ok) return stream;
    const found: Found = { connection, stream: stream.name, seen: new Set(), first: [] };
    this.#found = undefined;
    return {
      ok: true,
      stream: stream.name,
      subject,
      start: { deliver_policy: "last_per_subject" },
      events: {
        message: (name, data, { seq, time }) => {
          found.seen.add(name);
          const value = { subject: name, data, seq, time };
          if (found.first) found.first.push(value);
          else onChange(value);
        },
        caughtUp: () => {
          this.#found = found;
          if (found.first) onAll(found.first);
          found.first = undefined;
        },
      },
    };
  }

  /** Reads all anew when the stream holds less than it did. */
  async #look(): Promise<void> {
    const found = this.#found;
    if (!found || !this.#consumer.isOpen) return;
    // Those that come while it answers it may not have counted.
    const seen = found.seen.size;
    const answer = await askJetStream(found.connection, `STREAM.INFO.${found.stream}`, {}, LOOK_MS);
    if (this.#found !== found) return;
    if (answer.ok ? subjectsIn(answer.value) < seen : answer.errCode === JsError.streamNotFound) {
      this.#consumer.restart();
    } else if (!answer.ok && answer.reason === "denied") {
      // Who may not ask is told by an outage, as by the silence of a stream that is gone.
      clearInterval(this.#looks);
    }
  }
}

/** Of how many subjects a stream holds something. */
function subjectsIn({ state }: JsonObject): number {
  if (!isJsonObject(state)) return Number.POSITIVE_INFINITY;
  if (state.messages === 0) return 0;
  return typeof state.num_subjects === "number" ? state.num_subjects : Number.POSITIVE_INFINITY;
}
