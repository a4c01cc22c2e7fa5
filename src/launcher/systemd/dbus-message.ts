// Messages of D-Bus in bytes: calls to be sent; replies, errors and signals that come.
import { BusReader, type BusValue, BusWireError, BusWriter, splitSignature, Variant } from "./dbus-types.ts";

export interface BusCall {
  path: string;
  interface: string;
  member: string;
  /** Absent on a connection without a bus, where there is nobody else. */
  destination?: string;
  signature?: string;
  body?: readonly BusValue[];
}

export interface BusMessage {
  kind: "call" | "reply" | "error" | "signal";
  serial: number;
  replyTo?: number | undefined;
  path?: string | undefined;
  interface?: string | undefined;
  member?: string | undefined;
  errorName?: string | undefined;
  body: BusValue[];
}

const KINDS = [undefined, "call", "reply", "error", "signal"] as const;
const LITTLE = 0x6c;
const FIXED = 16;
/** D-Bus allows no longer one. */
const LONGEST = 128 * 2 ** 20;

export function encodeCall({ path, member, destination, signature = "", body = [], ...call }: BusCall, serial: number) {
  const content = new BusWriter();
  for (const [nth, type] of splitSignature(signature).entries()) {
    const value = body[nth];
    if (value === undefined) throw new BusWireError(`${member} takes ${signature}: value ${nth + 1} is missing`);
    content.write(type, value);
  }
  const message = new BusWriter();
  message.raw([LITTLE, 1, 0, 1]);
  message.uint32(content.length);
  message.uint32(serial);
  message.write("a(yv)", [
    [1, new Variant("o", path)],
    [2, new Variant("s", call.interface)],
    [3, new Variant("s", member)],
    ...(destination === undefined ? [] : [[6, new Variant("s", destination)]]),
    ...(signature === "" ? [] : [[8, new Variant("g", signature)]]),
  ]);
  message.align(8);
  message.raw(content.bytes());
  return message.bytes();
}

/** Cuts what arrives into messages. */
export class MessageSplitter {
  #rest: Uint8Array = new Uint8Array();

  /** @returns the messages that are complete now. @throws BusWireError, RangeError when that is no D-Bus */
  push(chunk: Uint8Array): BusMessage[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: BusMessage[] = [];
    for (;;) {
      const length = lengthOf(this.#rest);
      if (length === undefined || this.#rest.length < length) break;
      const message = decode(this.#rest.subarray(0, length));
      if (message) messages.push(message);
      this.#rest = this.#rest.subarray(length);
    }
    // What is left over is a view of a big buffer, which it would keep.
    this.#rest = this.#rest.slice();
    return messages;
  }
}

function lengthOf(bytes: Uint8Array): number | undefined {
  if (bytes.length < FIXED) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const little = bytes[0] === LITTLE;
  const length = Math.ceil((FIXED + view.getUint32(12, little)) / 8) * 8 + view.getUint32(4, little);
  if (length > LONGEST) throw new BusWireError(`a D-Bus message of ${length} bytes`);
  return length;
}

/** @returns undefined for a kind that is not known: it is to be ignored */
function decode(bytes: Uint8Array): BusMessage | undefined {
  const reader = new BusReader(bytes, bytes[0] === LITTLE);
  const kind = KINDS[bytes[1] ?? 0];
  if (!kind) return undefined;
  reader.at = 8;
  const serial = Number(reader.read("u"));
  const fields = new Map(asList(reader.read("a(yv)")).map((field) => [asList(field)[0], asList(field)[1]]));
  reader.align(8);
  const types = splitSignature(asText(fields.get(8)) ?? "");
  return {
    kind,
    serial,
    replyTo: fields.has(5) ? Number(fields.get(5)) : undefined,
    path: asText(fields.get(1)),
    interface: asText(fields.get(2)),
    member: asText(fields.get(3)),
    errorName: asText(fields.get(4)),
    body: types.map((type) => reader.read(type)),
  };
}

export function asText(value: BusValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function asList(value: BusValue | undefined): BusValue[] {
  return Array.isArray(value) ? value : [];
}
