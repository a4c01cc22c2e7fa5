// Asking somebody, and getting an answer: request and reply outside of streams.
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { exchange } from "../messaging/rpc.ts";
import { checkFilter, checkSchema, waitMs } from "./arguments.ts";
import { encoded } from "./outgoing.ts";
import type { OwnMeta } from "./publisher.ts";
import type { ReceivedMeta } from "./received.ts";
import { checked, type Schema } from "./schema.ts";
import type { Wire } from "./wire.ts";

export interface RequestOptions {
  /** How long to wait for the answer, the connection included, milliseconds. Default 5,000. */
  timeoutMs?: number;
  meta?: OwnMeta;
}

/** An answer. One that is an error has it as data: `error` says it, and `data` is `{}`. */
export interface RpcAnswer<T = JsonObject> {
  data: T;
  meta: ReceivedMeta;
  /** What the responder says went wrong; undefined: nothing. */
  error: string | undefined;
}

const DEFAULT_LIMIT_MS = 5_000;

/** Asks one subject. Made by `messenger.getRpcRequester`. */
export class RpcRequester<T = JsonObject> {
  readonly subject: string;
  readonly #wire: Wire;
  readonly #schema: Schema<T> | undefined;
  #answered = 0;
  #errors = 0;
  #lastError: string | undefined;

  /** @param options.schema of answers that are no errors */
  constructor(wire: Wire, subject: string, options: { schema?: Schema<T> } = {}) {
    this.#wire = wire;
    this.subject = subject;
    this.#schema = options.schema;
  }

  /**
   * Asks, and waits for the answer.
   * @throws RpcNoResponderError when nobody listens, RpcTimeoutError when no answer came in time
   * @throws BrokerUnreachableError, SchemaError
   * @example
   * ```ts
   * import { Messenger } from "ocabox-tcs/messenger";
   * await using messenger = await Messenger.open();
   * const { data, error } = await messenger.request("math.sum", { a: 1, b: 2 });
   * console.log(error ?? data.sum);
   * ```
   */
  async request(
    data: JsonObject = {},
    { timeoutMs = DEFAULT_LIMIT_MS, meta = {} }: RequestOptions = {},
  ): Promise<RpcAnswer<T>> {
    try {
      const answer = await this.#ask(data, meta, timeoutMs);
      this.#answered += 1;
      return answer;
    } catch (error) {
      this.#errors += 1;
      this.#lastError = describeError(error);
      throw error;
    }
  }

  get healthStatus(): {
    kind: "requester";
    subject: string;
    answered: number;
    errors: number;
    lastError: string | undefined;
  } {
    return {
      kind: "requester",
      subject: this.subject,
      answered: this.#answered,
      errors: this.#errors,
      lastError: this.#lastError,
    };
  }

  async #ask(data: JsonObject, meta: OwnMeta, timeoutMs: number): Promise<RpcAnswer<T>> {
    const { subject } = this;
    checkFilter(subject, "ask");
    checkSchema(subject, this.#schema);
    const limitMs = waitMs(`${subject}: timeoutMs`, timeoutMs);
    const payload = encoded(subject, { data, meta: { ...this.#wire.meta.next(), ...meta } });
    const began = performance.now();
    this.#wire.start();
    const connection = await this.#wire.connected(limitMs);
    const leftMs = Math.max(1, limitMs - (performance.now() - began));
    const answer = await exchange(connection, subject, payload, leftMs);
    const received = { ...answer.meta, nats: { js: false, subject } } as const;
    const isError = answer.meta.status === "error";
    const error = isError ? (answer.meta.error ?? "an error without words") : undefined;
    const given = answer.data ?? {};
    // Without a schema the caller has said what data is; of an error there is none.
    const fit = this.#schema && !isError ? await checked(subject, this.#schema, given) : (given as T);
    return { data: fit, meta: received, error };
  }
}
