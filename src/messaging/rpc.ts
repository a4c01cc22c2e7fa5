// Request and reply on core NATS: what stands in both payloads, and how to ask.
import type { NatsConnection } from "nats";
import { BrokerUnreachableError, TcsError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { dottedFault } from "../common/names.ts";
import { type Decoded, decode, encode, MetaSource } from "./envelope.ts";
import { permissionDenied } from "./permission.ts";
import { sizeFault } from "./too-large.ts";

/** The largest request that is read, bytes. */
export const LARGEST_REQUEST = 256 * 1024;
/** An error is told in at most this many characters. */
const LONGEST_ERROR = 2_000;

/**
 * Nobody listens to the subject.
 * @cause Nobody listens for the request: the service does not run, or on another broker.
 * @remedy Look at "tcs status"; start the service, or name its broker.
 * @example nobody answers on svc.rpc.v1.dome.main.health
 */
export class RpcNoResponderError extends TcsError {
  override readonly code = "E_RPC_NO_RESPONDER";
}

/**
 * Somebody listens, but no answer came in time. What was asked for may still happen.
 * @cause Somebody listens, but has not answered in time; what was asked for may still happen.
 * @remedy Look whether it was done before you ask again; --timeout waits longer, and "tcs why SERVICE" says whether
 *   it hangs.
 * @example no answer within 10 s
 */
export class RpcTimeoutError extends TcsError {
  override readonly code = "E_RPC_TIMEOUT";
}

/**
 * The answer is an error; `message` is its text.
 * @cause The service or the launcher has answered with an error, in its own words.
 * @remedy Read the words: they are of who wrote the command; "tcs logs SERVICE" may say more.
 * @example hello_world.main has no command "expose" (it has health, stats)
 */
export class RpcRefusedError extends TcsError {
  override readonly code = "E_RPC_REFUSED";
}

/**
 * A request that cannot be answered; `message` is the answer.
 * @cause A request names a command or a service that the one who was asked does not have, or comes while it does
 *   not run.
 * @remedy Compare the names with "tcs list"; start the service first.
 * @example hello_world.main has no command "expose" (it has health, stats)
 */
export class RequestError extends TcsError {
  override readonly code = "E_REQUEST";
}

/**
 * A request or an answer that cannot be carried or read.
 * @cause A request is too large for the broker, names no subject, or its answer is no JSON envelope.
 * @remedy Send less at once; an answer that cannot be read comes from a program that is not of tcs.
 * @example the request is too large (2097152 bytes)
 */
export class RpcMessageError extends TcsError {
  override readonly code = "E_RPC_MESSAGE";
}

/** What a request says, or why it cannot be read. */
export type RpcRequest = { ok: true; data: JsonObject; sender?: string } | { ok: false; fault: string };

/** Reads a request; never throws. An empty payload, as a bare `nats request` sends it, is a request without data. */
export function readRequest(payload: Uint8Array): RpcRequest {
  if (payload.length === 0) return { ok: true, data: {} };
  if (payload.length > LARGEST_REQUEST) {
    return {
      ok: false,
      fault: `the request has ${payload.length} bytes, more than the ${LARGEST_REQUEST} that are read`,
    };
  }
  const decoded = decode(payload);
  if (!decoded.ok) return { ok: false, fault: `the request cannot be read: ${decoded.fault}` };
  return { ok: true, data: decoded.data ?? {}, sender: decoded.meta.sender };
}

/** The payload of an answer. @throws TypeError when `data` is no JSON */
export function encodeReply(meta: MetaSource, data: JsonObject): Uint8Array {
  return encode({ data, meta: meta.next("rpc") });
}

/** The payload of an answer that is an error: `data` is absent. */
export function encodeRefusal(meta: MetaSource, error: string): Uint8Array {
  return encode({ meta: { ...meta.next("rpc"), status: "error", error: error.slice(0, LONGEST_ERROR) } });
}

export interface AskOptions {
  /** How long to wait for the answer, milliseconds. */
  limitMs: number;
  /** Who asks; default: a name made up for this request. */
  meta?: MetaSource;
}

/**
 * Asks `subject`, and gives the `data` of the answer.
 * @throws RpcMessageError when the subject is none, or the data is too large
 * @throws RpcNoResponderError, RpcTimeoutError, RpcRefusedError
 * @throws PermissionDeniedError at once, when the broker does not let this user ask
 * @throws BrokerUnreachableError when the connection is lost before the answer
 */
export async function askRpc(
  connection: NatsConnection,
  subject: string,
  data: JsonObject,
  { limitMs, meta = new MetaSource() }: AskOptions,
): Promise<JsonObject> {
  const answer = await exchange(connection, subject, encode({ data, meta: meta.next("rpc") }), limitMs);
  if (answer.meta.status === "error") throw new RpcRefusedError(answer.meta.error ?? "refused, without a reason");
  return answer.data ?? {};
}

/** One request and its answer, which may be an error. @throws as `askRpc`, but for RpcRefusedError */
export async function exchange(
  connection: NatsConnection,
  subject: string,
  payload: Uint8Array,
  limitMs: number,
): Promise<Extract<Decoded, { ok: true }>> {
  // The client would send it as it is, and the broker would take part of it for something else.
  const fault = dottedFault(subject);
  if (fault) throw new RpcMessageError(`"${subject}" cannot be asked: ${fault}`);
  let answer: Uint8Array;
  try {
    answer = (await connection.request(subject, payload, { timeout: limitMs })).data;
  } catch (cause) {
    const denied = permissionDenied(connection, cause);
    if (denied) throw denied;
    // NatsError carries a code; the class itself is not worth an import.
    const code = (cause as { code?: unknown }).code;
    if (code === "503") throw new RpcNoResponderError(`nobody answers on ${subject}`, { cause });
    // The client calls it a time-out too when the connection breaks meanwhile.
    if (code === "TIMEOUT" && !connection.isClosed())
      throw new RpcTimeoutError(`no answer within ${Number((limitMs / 1000).toFixed(2))} s`, { cause });
    if (code === "MAX_PAYLOAD_EXCEEDED") {
      const fault = sizeFault(connection, "the request", payload.length) ?? "the request is too large";
      throw new RpcMessageError(`${subject}: ${fault}`, { cause });
    }
    throw new BrokerUnreachableError(`the connection to the broker was lost before the answer came`, {
      cause,
    });
  }
  const decoded = decode(answer);
  if (!decoded.ok) throw new RpcMessageError(`the answer cannot be read: ${decoded.fault}`);
  return decoded;
}
