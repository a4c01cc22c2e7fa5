// Messages on their way into streams: buffered while the broker is away, and each told what became of it.
import type { NatsConnection } from "nats";
import { describeError } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import type { Acknowledgement } from "../messaging/acknowledgement.ts";
import { Delivery } from "../messaging/delivery.ts";
import { type Envelope, encode, randomToken } from "../messaging/envelope.ts";
import { checkNumber, checkOneOf, waitMs } from "./arguments.ts";
import { BufferFullError, ClosedError, NotSentError } from "./errors.ts";

/** What waits for the broker, at most; and what becomes of more. */
export interface BufferOptions {
  /** Default 10,000. */
  maxMessages?: number;
  /** Default 16 MiB. */
  maxBytes?: number;
  /**
   * What becomes of a message when the buffer is full: `drop-oldest` (default) makes room for it, `drop-newest` drops it;
   * both are told once in the log, and counted. `refuse` throws BufferFullError at whoever publishes it.
   */
  whenFull?: "drop-oldest" | "drop-newest" | "refuse";
}

/** Where a message has come to. */
export type Outcome =
  | { stored: true; stream: string; seq: number }
  /** No stream stores its subject: only live subscribers have had it. */
  | { stored: false };

interface Waiting {
  resolve: (outcome: Outcome) => void;
  reject: (error: Error) => void;
}

const DEFAULTS = { maxMessages: 10_000, maxBytes: 16 * 2 ** 20, whenFull: "drop-oldest" } as const;
/** Messages sent and not yet acknowledged: enough to keep the broker busy. */
const WINDOW_MESSAGES = 1_000;

export class Outgoing {
  readonly #limits: Required<BufferOptions>;
  readonly #delivery: Delivery;
  readonly #logger: Logger | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #dropped = 0;
  #isClosed = false;
  #isFullTold = false;

  constructor(limits: BufferOptions, logger: Logger | undefined) {
    this.#limits = { ...DEFAULTS, ...limits };
    this.#logger = logger;
    const { maxMessages, maxBytes, whenFull } = this.#limits;
    checkNumber("buffer.maxMessages", maxMessages, 1);
    checkNumber("buffer.maxBytes", maxBytes, 1);
    checkOneOf("buffer.whenFull", whenFull, ["drop-oldest", "drop-newest", "refuse"]);
    this.#delivery = new Delivery({
      // Unique to this life: a name that comes again would have its first messages taken for duplicates.
      sender: randomToken(16),
      limits: { maxMessages, maxBytes, windowMessages: WINDOW_MESSAGES },
      logger,
      prepare: undefined,
      noun: "message",
      liveIsEnough: true,
      onStored: (_subject, _payload, place, seq) => this.#settle(seq, place),
      onGone: (seq, why, unstored) => this.#settle(seq, undefined, unstored ? undefined : why),
    });
  }

  /** Stored (or had by live subscribers), given up or dropped, and waiting now. */
  get counters(): { sent: number; dropped: number; buffered: number } {
    const { sent, dropped, buffered } = this.#delivery.counters;
    return { sent, dropped: dropped + this.#dropped, buffered };
  }

  /**
   * Takes a message. @returns what became of it, once that is known; whoever does not look need not catch its errors
   * @throws BufferFullError, ClosedError, NotSentError (data that is no JSON) at once
   */
  send(subject: string, envelope: Envelope): Promise<Outcome> {
    if (this.#isClosed) throw new ClosedError(`${subject}: the messenger is closed`);
    const payload = encoded(subject, envelope);
    const { maxMessages, maxBytes, whenFull } = this.#limits;
    const bytes = payload.length + subject.length;
    if (bytes > maxBytes)
      throw new NotSentError(`${subject}: ${bytes} bytes are more than the buffer holds (${maxBytes})`);
    if (whenFull !== "drop-oldest" && !this.#delivery.hasRoom(bytes)) {
      this.#dropped += 1;
      const why = `the buffer for messages is full (${maxMessages} messages, ${maxBytes} bytes)`;
      if (whenFull === "refuse") throw new BufferFullError(`${subject}: ${why}`);
      this.#tellFull(`${why}: new ones are dropped until the broker takes them again`);
      return silent(Promise.reject(new NotSentError(`${subject}: ${why}`)));
    }
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    this.#waiting.set(this.#delivery.nextSeq, { resolve, reject });
    this.#delivery.push(subject, payload);
    return silent(promise);
  }

  up(connection: NatsConnection): void {
    this.#isFullTold = false;
    void this.#delivery.up(connection).catch((error: unknown) => this.#logger?.error(describeError(error)));
  }
  down(): void {
    this.#delivery.down();
  }
  refused(subject: string): void {
    this.#delivery.refused(subject);
  }

  /** @returns false when not all was acknowledged in `limitMs` */
  flush(limitMs: number): Promise<boolean> {
    return this.#delivery.flush(waitMs("limitMs", limitMs));
  }

  close(): void {
    this.#isClosed = true;
    this.#delivery.close();
    for (const { reject } of this.#waiting.values())
      reject(new NotSentError("the messenger was closed before it was sent"));
    this.#waiting.clear();
  }

  #settle(seq: number, place: Acknowledgement | undefined, fault?: string): void {
    const waiting = this.#waiting.get(seq);
    this.#waiting.delete(seq);
    if (fault !== undefined) waiting?.reject(new NotSentError(fault));
    else waiting?.resolve(place ? { stored: true, stream: place.stream, seq: place.seq } : { stored: false });
  }

  #tellFull(text: string): void {
    if (this.#isFullTold) return;
    this.#isFullTold = true;
    this.#logger?.warning(text);
  }
}

/** @throws NotSentError when the data is no JSON, or no object */
export function encoded(subject: string, envelope: Envelope): Uint8Array {
  const payload = json(subject, envelope);
  // After `{"data":`, or `{"meta":` when there is none. Anything else no reader would take.
  const isObject = payload[8] === BRACE && typeof envelope.data !== "function";
  if (!isObject) throw new NotSentError(`${subject}: the data is no JSON object`);
  return payload;
}

const BRACE = "{".charCodeAt(0);

function json(subject: string, envelope: Envelope): Uint8Array {
  try {
    return encode(envelope);
  } catch (cause) {
    throw new NotSentError(`${subject}: the data is no JSON (${describeError(cause)})`, { cause });
  }
}

/** A failure that nobody looks at is counted and logged: it does not end the program. */
function silent<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
