// Answers requests: subscriptions that come back after every outage, handlers whose failures become error replies.
import type { Msg } from "nats";
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import type { Logger } from "../common/logger.ts";
import { MetaSource } from "./envelope.ts";
import type { Messenger } from "./messenger.ts";
import { MicroDirectory, type MicroEndpoint, type MicroService } from "./micro.ts";
import { CommandCounts } from "./request-counts.ts";
import { encodeRefusal, encodeReply, readRequest } from "./rpc.ts";
import { StandingSubscriptions } from "./standing.ts";
import type { Subjects } from "./subjects.ts";
import { sizeFault } from "./too-large.ts";

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
  /** Takes out of answers what must not be shown; default: nothing is taken out. */
  mask?: ReplyMask;
}

/** What answers look like when they leave. */
export interface ReplyMask {
  reply(data: JsonObject): JsonObject;
  /** The text of an error. */
  mask(text: string): string;
}

/** What a name that is served tells `nats micro` of itself. */
export interface Announcement extends Pick<MicroService, "kind" | "description" | "metadata" | "isUp"> {
  /** What it can be asked now. Those that end in `.` take an id after it. */
  commands(): readonly string[];
  /** What is told of a command beside its counts. */
  dataOf?(command: string): JsonObject | undefined;
}

interface Served {
  subject: string;
  counts: CommandCounts;
  /** Length of what stands before the command in a subject. */
  head: number;
  handler: RpcHandler;
  meta: MetaSource;
}

export class RpcServer {
  readonly #options: RpcServerOptions;
  readonly #standing: StandingSubscriptions;
  readonly #directory: MicroDirectory;
  readonly #counts = new Map<string, CommandCounts>();
  #pending = 0;
  readonly #told = new Set<string>();

  constructor(options: RpcServerOptions) {
    this.#options = options;
    this.#standing = new StandingSubscriptions(options.messenger);
    this.#directory = new MicroDirectory(options.messenger, options.logger);
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
    const counts = this.#counts.get(name) ?? new CommandCounts();
    this.#counts.set(name, counts);
    const served: Served = { subject, counts, head: head.length, handler, meta: new MetaSource(name) };
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

  /**
   * Lets `nats micro` see a name that is served here (the NATS services protocol). @returns ends it, and its counts
   */
  announce(name: string, about: Announcement, subjects = this.#options.subjects): () => void {
    const { kind, description, metadata, isUp } = about;
    const head = subjects.rpc(name, "");
    const endpoints = () =>
      about.commands().map((command): MicroEndpoint => {
        const takesId = command.endsWith(".");
        const verb = takesId ? command.slice(0, -1) : command;
        const counts = this.#counts.get(name)?.of(verb);
        const subject = head + (takesId ? `${command}>` : command);
        return { name: verb, subject, queueGroup: `${head}*`, counts, data: about.dataOf?.(verb) };
      });
    const end = this.#directory.add({ kind, description, metadata, endpoints, ...(isUp ? { isUp } : {}) });
    return () => {
      end();
      this.#counts.delete(name);
    };
  }

  /** Takes no more requests. Those under way are answered. */
  close(): void {
    this.#directory.close();
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
    const command = message.subject.slice(served.head);
    const beganAt = performance.now();
    const count = (error?: string) => served.counts.add(command, performance.now() - beganAt, error);
    try {
      const { ok: _, ...rest } = request;
      const data = await served.handler({ command, ...rest });
      count();
      const payload = encodeReply(served.meta, this.#options.mask?.reply(data) ?? data);
      const fault = sizeFault(this.#standing.connection, "the answer", payload.length);
      if (fault) refuse(fault);
      else this.#reply(message, payload);
    } catch (error) {
      const said = describeError(error);
      const why = this.#options.mask?.mask(said) ?? said;
      count(why);
      refuse(why);
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
