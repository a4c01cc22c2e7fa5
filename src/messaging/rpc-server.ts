// Answers requests: subscriptions that come back after every outage, handlers whose failures become error replies.
import type { Msg } from "nats";
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import type { Logger } from "../common/logger.ts";
import { MetaSource } from "./envelope.ts";
import type { Messenger } from "./messenger.ts";
import { encodeRefusal, encodeReply, readRequest } from "./rpc.ts";
import { StandingSubscriptions } from "./standing.ts";
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
}

export class RpcServer {
  readonly #options: RpcServerOptions;
  readonly #standing: StandingSubscriptions;
  #pending = 0;
  readonly #told = new Set<string>();

  constructor(options: RpcServerOptions) {
    this.#options = options;
    this.#standing = new StandingSubscriptions(options.messenger);
  }

  /**
   * Answers `<prefix>.rpc.<name>.v1.<command>` with `handler`.
   * @param options.dotted commands may have dots (`start.camera.main`)
   * @param options.only this one command: others may be somebody else's to answer
   * @param options.subjects under another prefix than the server's
   * @returns ends it
   */
  serve(
    name: string,
    handler: RpcHandler,
    { dotted, only, subjects = this.#options.subjects }: { dotted?: boolean; only?: string; subjects?: Subjects } = {},
  ): () => void {
    const head = subjects.rpc(name, "");
    const subject = head + (only ?? (dotted ? ">" : "*"));
    const served: Served = { subject, head: head.length, handler, meta: new MetaSource(name) };
    // PROTOCOL: of several that serve one name, one answers.
    return this.#standing.add(
      subject,
      (error, message) => {
        if (error) this.#tellOnce(`requests on ${subject} cannot be received: ${describeError(error)}`);
        else void this.#answer(served, message);
      },
      { queue: subject },
    );
  }

  /** Takes no more requests. Those under way are answered. */
  close(): void {
    this.#standing.close();
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
      const most = this.#standing.connection?.info?.max_payload ?? Number.POSITIVE_INFINITY;
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
