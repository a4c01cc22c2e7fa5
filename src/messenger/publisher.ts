// Publishing to one subject: into its stream if it has one, and to live subscribers.
import type { JsonObject } from "../common/json.ts";
import { type Envelope, type Meta, metaFault } from "../messaging/envelope.ts";
import { checkSchema, checkSubject } from "./arguments.ts";
import { NotSentError } from "./errors.ts";
import type { Outcome } from "./outgoing.ts";
import { checked, type Schema } from "./schema.ts";
import type { Part, Wire } from "./wire.ts";

/** What may be said in `meta`; the rest is the messenger's. */
export type OwnMeta = Partial<Pick<Meta, "message_type" | "tags" | "trace_level" | "status" | "error" | "receiver">>;

export interface PublisherOptions<T> {
  /** Data that does not fit is not published: `publish` throws SchemaError. */
  schema?: Schema<T>;
}

export interface PublisherHealth {
  kind: "publisher" | "journal" | "progress" | "core-publisher";
  subject: string;
  /** Messages stored, or had by live subscribers only. */
  published: number;
  /** Messages that were not sent. */
  errors: number;
  /** Milliseconds since the last one was stored. */
  lastPublishAgoMs: number | undefined;
  lastError: string | undefined;
}

const NONE: OwnMeta = {};

/** A message as it was published, and where it has come to. */
export type Published = Envelope & Outcome;

/**
 * Publishes to one subject. Made by `messenger.getPublisher(subject)`.
 * @typeParam T what data is
 */
export class Publisher<T extends object = JsonObject> implements Part, AsyncDisposable {
  readonly subject: string;
  protected readonly wire: Wire;
  readonly #schema: Schema<T> | undefined;
  readonly #kind: PublisherHealth["kind"];
  readonly #forget: () => void;
  #published = 0;
  #errors = 0;
  #lastAtMs: number | undefined;
  #lastError: string | undefined;

  constructor(
    wire: Wire,
    subject: string,
    options: PublisherOptions<T> = {},
    kind: PublisherHealth["kind"] = "publisher",
  ) {
    checkSubject(subject);
    checkSchema(subject, options.schema);
    this.wire = wire;
    this.subject = subject;
    this.#schema = options.schema;
    this.#kind = kind;
    this.#forget = wire.adopt(this);
  }

  /**
   * Publishes `data`, and resolves when its stream has stored it (while the broker is away: when it is back). Whoever does
   * not wait for that need not catch its errors: they are counted in `healthStatus`, and logged.
   * @throws SchemaError, NotSentError, BufferFullError, ClosedError
   * @example
   * ```ts
   * import { Messenger } from "ocabox-tcs/messenger";
   * await using messenger = await Messenger.open();
   * const wind = messenger.getPublisher<{ speed: number }>("telemetry.weather.wind");
   * const { stored } = await wind.publish({ speed: 4.2 });
   * ```
   */
  publish(data: T, meta: OwnMeta = NONE): Promise<Published> {
    const published = this.#publish(data, meta);
    published.catch(() => undefined);
    return published;
  }

  async #publish(data: T, meta: OwnMeta): Promise<Published> {
    try {
      const envelope = this.envelope(this.#schema ? await checked(this.subject, this.#schema, data) : data, meta);
      const outcome = await this.send(envelope);
      this.#published += 1;
      this.#lastAtMs = performance.now();
      return { ...envelope, ...outcome };
    } catch (error) {
      this.#errors += 1;
      this.#lastError = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  get healthStatus(): PublisherHealth {
    const lastPublishAgoMs = this.#lastAtMs === undefined ? undefined : performance.now() - this.#lastAtMs;
    return {
      kind: this.#kind,
      subject: this.subject,
      published: this.#published,
      errors: this.#errors,
      lastPublishAgoMs,
      lastError: this.#lastError,
    };
  }

  /** Takes it off the messenger's list. What was published is sent all the same. */
  close(): void {
    this.#forget();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  protected envelope(data: T, meta: OwnMeta): Envelope {
    const whole = { ...this.wire.meta.next(), ...meta };
    const fault = meta === NONE ? undefined : metaFault(whole);
    if (fault) throw new NotSentError(`${this.subject}: no reader could read it: ${fault}`);
    // What is no JSON in it is told when it is encoded.
    return { data: data as JsonObject, meta: whole };
  }

  protected send(envelope: Envelope): Promise<Outcome> {
    this.wire.start();
    return this.wire.outgoing.send(this.subject, envelope);
  }

  /** Publishes without anybody waiting: what goes wrong is counted and logged. */
  protected tell(data: T, meta: OwnMeta): void {
    // Counted there, and logged by the delivery.
    void this.publish(data, meta);
  }
}
