// The wire of the NATS bridge to OCABox: `tic.rpc.<telescope>.<component>.<command>` is asked, `tic.command.…` is told.
import type { z } from "zod";
import { BrokerUnreachableError, describeError, TcsError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { tokenFault } from "../common/names.ts";
import { RpcNoResponderError, RpcTimeoutError } from "../messaging/rpc.ts";
import type { Messenger } from "../messenger/messenger.ts";
import { NoAnswerError, ObservatoryError, RefusedError } from "./errors.ts";
import { resultOf } from "./reply.ts";

export interface BridgeOptions {
  /** Who asks: telescopes grant control by it. Default: the messenger's name, in a service its id. */
  clientId?: string;
  /** How long the telescope may take to answer, milliseconds. Default 5,000. */
  requestTimeoutMs?: number;
  /** Default `tic.rpc`. */
  rpcPrefix?: string;
  /** Default `tic.command`. */
  commandPrefix?: string;
}

export interface AskOptions {
  /** How long the telescope may take to answer, milliseconds. Default: the bridge's. */
  timeoutMs?: number;
}

/** What OCABox is asked: GET reads, PUT does. */
export type Method = "GET" | "PUT";

/** The bridge itself answers that the telescope did not: it is given so much longer than the telescope, milliseconds. */
const BRIDGE_MARGIN_MS = 1_000;

/** Asks and tells components of telescopes. */
export class Bridge {
  readonly #messenger: Messenger;
  readonly #clientId: string;
  readonly #timeoutMs: number;
  readonly #rpcPrefix: string;
  readonly #commandPrefix: string;
  readonly #publishers = new Map<string, ReturnType<Messenger["getCorePublisher"]>>();

  constructor(messenger: Messenger, options: BridgeOptions = {}) {
    this.#messenger = messenger;
    this.#clientId = options.clientId ?? messenger.name;
    this.#timeoutMs = options.requestTimeoutMs ?? 5_000;
    this.#rpcPrefix = options.rpcPrefix ?? "tic.rpc";
    this.#commandPrefix = options.commandPrefix ?? "tic.command";
  }

  /**
   * Asks `address`, as `zb08.mount.azimuth`, and waits for the result.
   * @throws NoAnswerError, UnknownComponentError, RefusedError, BadReplyError @throws BrokerUnreachableError
   */
  async ask<T>(
    address: string,
    method: Method,
    schema: z.ZodType<T>,
    parameters: JsonObject = {},
    { timeoutMs = this.#timeoutMs }: AskOptions = {},
  ): Promise<T> {
    refuseBadAddress(address);
    const request = { parameters, client_id: this.#clientId, request_timeout: timeoutMs / 1000, method };
    const answer = await this.#request(address, request, timeoutMs);
    if (answer.error !== undefined) {
      throw new RefusedError(address, `refused: ${answer.error}`, { reason: "error", number: undefined });
    }
    return resultOf(address, answer.data, schema);
  }

  /**
   * Tells `address` to do something, and waits for nothing but the broker: what becomes of it is not told. It is sent now or
   * never: a telescope must not do later what was meant for now.
   * @throws NotSentError when the broker is away
   */
  async tell(address: string, parameters: JsonObject = {}): Promise<void> {
    refuseBadAddress(address);
    const subject = `${this.#commandPrefix}.${address}`;
    const publisher = this.#publishers.get(subject) ?? this.#messenger.getCorePublisher(subject);
    this.#publishers.set(subject, publisher);
    const request_timeout = this.#timeoutMs / 1000;
    await publisher.publish({ parameters, client_id: this.#clientId, request_timeout, method: "PUT" });
  }

  async #request(address: string, request: JsonObject, timeoutMs: number) {
    const subject = `${this.#rpcPrefix}.${address}`;
    try {
      const meta = { message_type: "rpc" };
      return await this.#messenger.request(subject, request, { timeoutMs: timeoutMs + BRIDGE_MARGIN_MS, meta });
    } catch (cause) {
      if (cause instanceof RpcNoResponderError) {
        const hint = `is the bridge running, and is the prefix "${this.#rpcPrefix}" right?`;
        throw new NoAnswerError(address, "nobody answers for it", { cause, hint, isNobody: true });
      }
      if (cause instanceof RpcTimeoutError) {
        throw new NoAnswerError(address, `no answer within ${timeoutMs / 1000} s`, { cause });
      }
      if (cause instanceof BrokerUnreachableError) throw cause;
      if (cause instanceof TcsError) throw new ObservatoryError(address, describeError(cause), { cause });
      throw cause;
    }
  }
}

function refuseBadAddress(address: string): void {
  for (const token of address.split(".")) {
    const fault = tokenFault(token);
    if (fault)
      throw new ObservatoryError(JSON.stringify(address), `it cannot be asked: a part of it is wrong, ${fault}`);
  }
}
