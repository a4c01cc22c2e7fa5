// The envelope of every payload: UTF-8 JSON `{data, meta}`, written and read here only.
import { describeError } from "../common/errors.ts";
import { isJsonObject, type JsonObject } from "../common/json.ts";
import { readWireTimestamp, toWireTimestamp, type WireTimestamp } from "./timestamp.ts";

/** `meta` of a message, as it is on the wire. */
export interface Meta {
  /** Unique within one sender only: ids of two processes collide. */
  id: string;
  sender: string;
  ts: WireTimestamp;
  /** A Python log level: 10 = debug. */
  trace_level: number;
  message_type: string;
  tags: string[];
  status?: string;
  error?: string;
  receiver?: string;
}

export interface Envelope {
  data?: JsonObject;
  meta: Meta;
}

/** What `decode` makes of some bytes. `fault` is one line; `sender` is given when it could be read all the same. */
export type Decoded =
  | { ok: true; data: JsonObject | undefined; meta: Meta }
  | { ok: false; fault: string; sender?: string };

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** @throws TypeError when `data` is no JSON (a cycle, a BigInt) */
export function encode(envelope: Envelope): Uint8Array {
  return encoder.encode(JSON.stringify(envelope));
}

/** Reads a payload; never throws, whatever the bytes. Timestamps of the old format are cut to 7 numbers. */
export function decode(bytes: Uint8Array): Decoded {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    return { ok: false, fault: `no UTF-8 JSON (${describeError(error)})` };
  }
  if (!isJsonObject(value)) return { ok: false, fault: "the payload is no JSON object" };
  const { data, meta } = value;
  if (!isJsonObject(meta)) return { ok: false, fault: "meta is missing" };
  const read = readMeta(meta);
  if (typeof read === "string") {
    return typeof meta.sender === "string"
      ? { ok: false, fault: read, sender: meta.sender }
      : { ok: false, fault: read };
  }
  if (data === undefined || data === null) return { ok: true, data: undefined, meta: read };
  if (!isJsonObject(data)) return { ok: false, fault: "data is no JSON object", sender: read.sender };
  return { ok: true, data, meta: read };
}

/** What is wrong with what is to be sent as `meta`. */
export function metaFault(meta: JsonObject): string | undefined {
  const read = readMeta(meta);
  return typeof read === "string" ? read : undefined;
}

/** The meta with its optional fields, or what is wrong with it. */
function readMeta(meta: JsonObject): Meta | string {
  const { id, sender, trace_level, message_type, tags } = meta;
  const ts = readWireTimestamp(meta.ts);
  if (typeof id !== "string") return "meta.id is no string";
  if (typeof sender !== "string") return "meta.sender is no string";
  if (!ts) return "meta.ts is no timestamp";
  if (!Number.isInteger(trace_level)) return "meta.trace_level is no integer";
  if (typeof message_type !== "string") return "meta.message_type is no string";
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === "string")) return "meta.tags is no list of strings";
  const read: Meta = {
    id,
    sender,
    ts,
    // Number.isInteger above, which does not narrow.
    trace_level: trace_level as number,
    message_type,
    tags,
  };
  const { status, error, receiver } = meta;
  if (typeof status === "string") read.status = status;
  if (typeof error === "string") read.error = error;
  if (typeof receiver === "string") read.receiver = receiver;
  return read;
}

/** Makes the `meta` of one sender's messages: `Messenger_<10 random characters>`, ids `msg-1`, `msg-2` ... */
export class MetaSource {
  readonly sender: string;
  #count = 0;

  constructor(sender = `Messenger_${randomToken(10)}`) {
    this.sender = sender;
  }

  next(messageType = ""): Meta {
    this.#count += 1;
    return {
      id: `msg-${this.#count}`,
      sender: this.sender,
      ts: toWireTimestamp(),
      trace_level: 10,
      message_type: messageType,
      tags: [],
    };
  }
}

/** `length` random characters, safe in URLs and NATS subjects. */
export function randomToken(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Buffer.from(bytes).toString("base64url").slice(0, length);
}
