// Answering requests: of all that answer a subject one gets each; what goes wrong is an answer too.
import { AsyncResource } from "node:async_hooks";
import type { Msg } from "nats";
import { describeError } from "../common/errors.ts";
import { isJsonObject, type JsonObject } from "../common/json.ts";
import { encodeRefusal } from "../messaging/rpc.ts";
import { sizeFault } from "../messaging/too-large.ts";
import { checkCallback, checkFilter, checkNumber, checkSchema } from "./arguments.ts";
import { ClosedError, NotSentError } from "./errors.ts";
import { encoded } from "./outgoing.ts";
import type { OwnMeta } from "./publisher.ts";
import { type ReceivedMeta, readReceived } from "./received.ts";
import { checked, type Schema } from "./schema.ts";
import type { Part, Wire } from "./wire.ts";

/** One request, and the way to answer it. */
export interface Rpc<T = JsonObject> {
  readonly data: T;
  readonly meta: ReceivedMeta;
  /** Whether the answer was sent. */
  readonly answered: boolean;
  /** What is answered when the callback has returned. The last one counts. */
  setResponse(data?: JsonObject, meta?: OwnMeta): void;
  /** Answers now: the callback may go on. @throws TypeError when it was answered already */
  responseNow(data?: JsonObject, meta?: OwnMeta): void;
}

/**
 * The object that it returns (or its promise resolves to) is the answer, if it has not set one. What it throws is the text of
 * an answer that is an error.
 */
export type RpcCallback<T> = (rpc: Rpc<T>) => unknown;

export interface RpcResponderOptions<T> {
  /** Requests that do not fit are refused. */
  schema?: Schema<T>;
  /** Of all responders with the same queue one gets each request; default: the subject, as the Python package has it. */
  queue?: string;
  /** Requests that are answered at a time; more are refused as busy. Default 1,000. */
  maxPending?: number;
}

export interface RpcResponderHealth {
  kind: "responder";
  subject: string;
  answered: number;
  /** Of those, answers that were errors. */
  errors: number;
  pending: number;
}

/** Answers a subject (wildcards allowed). Made by `messenger.getRpcResponder`. */
export class RpcResponder<T = JsonObject> implements Part, AsyncDisposable {
  readonly subject: string;
  readonly #wire: Wire;
  readonly #options: RpcResponderOptions<T>;
  readonly #forget: () => void;
  readonly #pending = new Set<Promise<void>>();
  #end: (() => void) | undefined;
  #answered = 0;
  #errors = 0;
  #isClosed = false;

  constructor(wire: Wire, subject: string, options: RpcResponderOptions<T> = {}) {
    checkFilter(subject, "answer");
    checkSchema(subject, options.schema);
    if (options.queue !== undefined) checkFilter(options.queue, "share as a queue");
    if (options.maxPending !== undefined) checkNumber(`${subject}: maxPending`, options.maxPending, 1);
    this.#wire = wire;
    this.subject = subject;
    this.#options = options;
    this.#forget = wire.adopt(this);
  }

  /**
   * Begins to answer; over outages it goes on by itself.
   * @example responder.registerFunction((rpc) => rpc.setResponse({ sum: rpc.data.a + rpc.data.b }));
   */
  registerFunction(callback: RpcCallback<T>): this {
    checkCallback(this.subject, callback);
    if (this.#isClosed) throw new ClosedError(`${this.subject}: the responder is closed`);
    if (this.#end) throw new TypeError(`${this.subject}: there is a function already`);
    this.#wire.start();
    // As code of who registers it, not of who happened to open the connection.
    const bound = AsyncResource.bind(callback);
    this.#end = this.#wire.standing.add(
      this.subject,
      (error, message) => {
        if (error)
          this.#wire.logger?.warning(`requests on ${this.subject} cannot be received: ${describeError(error)}`);
        else this.#take(bound, message);
      },
      { queue: this.#options.queue ?? this.subject },
    );
    return this;
  }

  get healthStatus(): RpcResponderHealth {
    const { subject } = this;
    return { kind: "responder", subject, answered: this.#answered, errors: this.#errors, pending: this.#pending.size };
  }

  /** Takes no more requests; those under way are answered. A callback must not wait for this: its answer is waited for. */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#forget();
      this.#end?.();
    }
    await Promise.all(this.#pending);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #take(callback: RpcCallback<T>, message: Msg): void {
    const { maxPending = 1_000 } = this.#options;
    if (this.#pending.size >= maxPending) {
      this.#refuse(message, `busy: ${maxPending} requests are being answered`);
      return;
    }
    const answering = this.#answer(callback, message).finally(() => this.#pending.delete(answering));
    this.#pending.add(answering);
  }

  /** Never rejects. */
  async #answer(callback: RpcCallback<T>, message: Msg): Promise<void> {
    let isAnswered = false;
    try {
      const { data, meta } = await this.#request(message);
      let response: { data: JsonObject | undefined; meta: OwnMeta } | undefined;
      const respond = () => {
        const own = { ...this.#wire.meta.next(), ...response?.meta };
        const envelope = response?.data === undefined ? { meta: own } : { data: response.data, meta: own };
        const payload = encoded(message.subject, envelope);
        const fault = sizeFault(this.#wire.connection, "the answer", payload.length);
        if (fault) throw new NotSentError(fault);
        isAnswered = true;
        this.#reply(message, payload);
      };
      const rpc: Rpc<T> = {
        data,
        meta,
        get answered() {
          return isAnswered;
        },
        setResponse: (data, meta = {}) => {
          response = { data, meta };
        },
        responseNow: (data, meta = {}) => {
          if (isAnswered) throw new TypeError(`${message.subject}: the request was answered already`);
          response = { data, meta };
          respond();
        },
      };
      const returned = await callback(rpc);
      if (isAnswered) return;
      if (!response && isJsonObject(returned)) response = { data: returned, meta: {} };
      respond();
    } catch (error) {
      if (isAnswered) this.#wire.logger?.warning(`${message.subject}: after its answer: ${describeError(error)}`);
      else this.#refuse(message, describeError(error));
    }
  }

  async #request(message: Msg): Promise<{ data: T; meta: ReceivedMeta }> {
    const { schema } = this.#options;
    const { subject } = message;
    const read =
      message.data.length === 0
        ? // As a bare `nats request` sends it.
          { data: {}, meta: { ...this.#wire.meta.next(), sender: "", nats: { js: false, subject } as const } }
        : received(message);
    // Without a schema the caller has said what data is.
    return { data: schema ? await checked(subject, schema, read.data) : (read.data as T), meta: read.meta };
  }

  #refuse(message: Msg, why: string): void {
    this.#errors += 1;
    this.#reply(message, encodeRefusal(this.#wire.meta, why));
  }

  #reply(message: Msg, payload: Uint8Array): void {
    this.#answered += 1;
    try {
      // To a message that asks for no answer nothing is said.
      if (message.reply) message.respond(payload);
    } catch (error) {
      // The connection has gone: whoever asked learns it from the silence.
      this.#wire.logger?.debug(`an answer to ${message.subject} was not sent: ${describeError(error)}`);
    }
  }
}

function received(message: Msg) {
  const read = readReceived(message);
  if (read.ok) return read.received;
  throw new TypeError(`the request cannot be read: ${read.fault.message}`);
}
