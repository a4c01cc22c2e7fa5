// Answers requests: subscriptions that come back after every outage, handlers whose failures become error replies.
import type { Msg, NatsConnection, Subscription } from "nats";
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import type { Logger } from "../common/logger.ts";
import { MetaSource } from "./envelope.ts";
import type { Messenger } from "./messenger.ts";
import { encodeRefusal, encodeReply, readRequest } from "./rpc.ts";
import type { Subjects } from "./subjects.ts";

/** One request. */
export interface RpcCall {
  /** What comes after `<prefix>.rpc.<name>.v1.`. */
  command: string;
  data: JsonObject;
  /** `meta.sender` of the request, if it had any. */
  sender?: string;
}

/** Answers a request; what it throws is the text of an error reply. */
export type RpcHandler = (call: RpcCall) => JsonObject | Promise<JsonObject>;

export interface RpcServerOptions {
  messenger: Pick<Messenger, "connection" | "state" | "onStateChange">;
  subjects: Subjects;
  logger?: Logger;
  /** Requests answered at a time; more are refused. Default 2,000. */
  mostPending?: number;
}

interface Served {
  subject: string;
  /** Length of what stands before the command in a subject. */
  head: number;
  handler: RpcHandler;
  meta: MetaSource;
  subscription?: Subscription;
}

export class RpcServer {
  readonly #options: RpcServerOptions;
  readonly #served = new Set<Served>();
  readonly #ignoreStates: () => void;
  /** The connection that holds the subscriptions: the client restores them itself while it is the same. */
  #subscribedOn: NatsConnection | undefined;
  #pending = 0;
  readonly #told = new Set<string>();

  constructor(options: RpcServerOptions) {
    this.#options = options;
    this.#ignoreStates = options.messenger.onStateChange((state) => {
      if (state === "connected") this.#subscribeAll();
    });
  }

  /**
   * Answers `<prefix>.rpc.<name>.v1.<command>` with `handler`.
   * @param options.dotted commands may have dots (`start.camera.main`)
   * @returns ends it
   */
  serve(name: string, handler: RpcHandler, options: { dotted?: boolean } = {}): () => void {
    const head = this.#options.subjects.rpc(name, "");
    const subject = head + (options.dotted ? ">" : "*");
    const served: Served = { subject, head: head.length, handler, meta: new MetaSource(name) };
    this.#served.add(served);
    const { connection, state } = this.#options.messenger;
    if (state === "connected" && connection) {
      this.#subscribedOn ??= connection;
      if (connection === this.#subscribedOn) this.#subscribe(served, connection);
      else this.#subscribeAll();
    }
    return () => {
      this.#served.delete(served);
      this.#unsubscribe(served);
    };
  }

  /** Takes no more requests. Those under way are answered. */
  close(): void {
    this.#ignoreStates();
    for (const served of this.#served) this.#unsubscribe(served);
    this.#served.clear();
  }

  #subscribeAll(): void {
    const { connection } = this.#options.messenger;
    if (!connection || connection === this.#subscribedOn) return;
    this.#subscribedOn = connection;
    for (const served of this.#served) this.#subscribe(served, connection);
  }

  #subscribe(served: Served, connection: NatsConnection): void {
    // PROTOCOL: of several that serve one name, one answers.
    served.subscription = connection.subscribe(served.subject, {
      queue: served.subject,
      callback: (error, message) => {
        if (error) this.#tellOnce(`requests on ${served.subject} cannot be received: ${describeError(error)}`);
        else void this.#answer(served, message);
      },
    });
  }

  #unsubscribe({ subscription }: Served): void {
    if (subscription && !subscription.isClosed()) subscription.unsubscribe();
  }

  /** Never rejects. */
  async #answer(served: Served, message: Msg): Promise<void> {
    if (!message.reply) {
      // Nobody would hear what came of it: then nothing shall.
      this.#tellOnce(`a message on ${served.subject} asks for no reply: passed over`);
      return;
    }
    const refuse = (why: string) => this.#reply(message, encodeRefusal(served.meta, why));
    const request = readRequest(message.data);
    if (!request.ok) {
      this.#tellOnce(`${message.subject}: ${request.fault}`);
      refuse(request.fault);
      return;
    }
    const most = this.#options.mostPending ?? 2_000;
    if (this.#pending >= most) {
      refuse(`busy: ${most} requests are being answered`);
      return;
    }
    this.#pending += 1;
    try {
      const { ok: _, ...rest } = request;
      const data = await served.handler({ command: message.subject.slice(served.head), ...rest });
      const payload = encodeReply(served.meta, data);
      const most = this.#subscribedOn?.info?.max_payload ?? Number.POSITIVE_INFINITY;
      if (payload.length > most) refuse(`the answer is too large: ${payload.length} bytes, the broker takes ${most}`);
      else this.#reply(message, payload);
    } catch (error) {
      refuse(describeError(error));
    } finally {
      this.#pending -= 1;
    }
  }

  #reply(message: Msg, payload: Uint8Array): void {
    try {
      message.respond(payload);
    } catch (error) {
      // The connection has gone: whoever asked learns it from the broker's silence.
      this.#options.logger?.debug(`an answer to ${message.subject} was not sent: ${describeError(error)}`);
    }
  }

  #tellOnce(text: string): void {
    if (this.#told.has(text) || this.#told.size >= MOST_TOLD) return;
    this.#told.add(text);
    this.#options.logger?.warning(text);
  }
}

/** Different complaints that are told; whoever sends junk must not fill the log. */
const MOST_TOLD = 100;
