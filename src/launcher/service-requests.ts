// Requests to a service on their way through its launcher: each is answered, by the service or for it.
import { ServiceSilentError } from "../client/errors.ts";
import type { JsonObject } from "../common/json.ts";
import type { FromHost, ToHost } from "../host/protocol.ts";
import { RpcRefusedError } from "../messaging/rpc.ts";

/** How long a service's event loop may take to look at a request, milliseconds: beyond that it hangs. */
const TAKEN_LIMIT_MS = 2_000;
/** How long the answer may take once it has, milliseconds: longer than the service's own limit for a command. */
export const ANSWER_LIMIT_MS = 65_000;

interface Pending {
  resolve(data: JsonObject): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

export class ServiceRequests {
  readonly #id: string;
  readonly #pending = new Map<number, Pending>();
  readonly #takenLimitMs: number;
  #count = 0;

  constructor(id: string, takenLimitMs = TAKEN_LIMIT_MS) {
    this.#id = id;
    this.#takenLimitMs = takenLimitMs;
  }

  /** Sends a request to the service's host. @throws ServiceSilentError, RpcRefusedError with the service's own words */
  ask(send: (message: ToHost) => void, command: string, data: JsonObject): Promise<JsonObject> {
    const requestId = ++this.#count;
    const { promise, resolve, reject } = Promise.withResolvers<JsonObject>();
    const why = `its event loop has not looked at the request within ${this.#takenLimitMs / 1000} s: it hangs, or is very busy`;
    const timer = this.#giveUpAfter(requestId, this.#takenLimitMs, why);
    this.#pending.set(requestId, { resolve, reject, timer });
    send({ kind: "rpc", id: this.#id, requestId, command, data });
    return promise;
  }

  /** Hears what a host says about requests. */
  onMessage(message: Extract<FromHost, { kind: "rpc-begun" | "rpc-reply" }>): void {
    const pending = this.#pending.get(message.requestId);
    if (!pending) return;
    clearTimeout(pending.timer);
    if (message.kind === "rpc-begun") {
      const why = `no answer within ${ANSWER_LIMIT_MS / 1000} s`;
      pending.timer = this.#giveUpAfter(message.requestId, ANSWER_LIMIT_MS, why);
      return;
    }
    this.#pending.delete(message.requestId);
    if (message.error === undefined) pending.resolve(message.data);
    else pending.reject(new RpcRefusedError(message.error));
  }

  /** Nobody is left to answer. */
  abandon(why: string): void {
    for (const requestId of [...this.#pending.keys()]) this.#giveUp(requestId, why);
  }

  #giveUpAfter(requestId: number, limitMs: number, why: string): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#giveUp(requestId, why), limitMs);
  }

  #giveUp(requestId: number, why: string): void {
    const pending = this.#pending.get(requestId);
    if (!pending) return;
    clearTimeout(pending.timer);
    this.#pending.delete(requestId);
    pending.reject(new ServiceSilentError(`${this.#id} does not answer: ${why}`));
  }
}
