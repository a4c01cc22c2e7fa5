// Values of D-Bus in bytes (little endian), by their signature: as much of it as systemd speaks.
import { TcsError } from "../../common/errors.ts";

/** Integers of 64 bits are bigint; arrays of bytes are arrays of numbers. */
export type BusValue = string | number | bigint | boolean | BusValue[] | Map<BusValue, BusValue> | Variant;

/** A value that brings its type along. */
export class Variant {
  readonly signature: string;
  readonly value: BusValue;

  constructor(signature: string, value: BusValue) {
    this.signature = signature;
    this.value = value;
  }
}

/**
 * A message of systemd's bus cannot be written or read.
 * @cause A message of systemd's bus is not of the form that it should have: it is a fault of tcs.
 * @remedy Report the message, with the version of systemd.
 * @example a D-Bus message of 134217729 bytes
 */
export class BusWireError extends TcsError {
  override readonly code = "E_BUS_WIRE";
}

const ALIGNMENT: Record<string, number> = {
  y: 1,
  g: 1,
  v: 1,
  n: 2,
  q: 2,
  b: 4,
  i: 4,
  u: 4,
  h: 4,
  s: 4,
  o: 4,
  a: 4,
  x: 8,
  t: 8,
  d: 8,
  "(": 8,
  "{": 8,
};

function alignmentOf(type: string): number {
  return ALIGNMENT[type[0] ?? ""] ?? 1;
}

/** Splits a signature into its complete types: `sa{sv}u` has three. @throws BusWireError when it is none */
export function splitSignature(signature: string): string[] {
  const types: string[] = [];
  for (let at = 0; at < signature.length; ) {
    const end = typeEnd(signature, at);
    types.push(signature.slice(at, end));
    at = end;
  }
  return types;
}

function typeEnd(signature: string, start: number): number {
  const first = signature[start];
  if (first === "a") return typeEnd(signature, start + 1);
  if (first !== "(" && first !== "{") {
    if (first === undefined || !(first in ALIGNMENT)) throw new BusWireError(`no D-Bus signature: ${signature}`);
    return start + 1;
  }
  const close = first === "(" ? ")" : "}";
  let at = start + 1;
  while (at < signature.length && signature[at] !== close) at = typeEnd(signature, at);
  if (at >= signature.length) throw new BusWireError(`no D-Bus signature: ${signature}`);
  return at + 1;
}

/** Writes values one after the other; alignment counts from the first byte. */
export class BusWriter {
  #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  align(size: number): void {
    while (this.#bytes.length % size !== 0) this.#bytes.push(0);
  }

  uint32(value: number): void {
    this.align(4);
    this.#bytes.push(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255);
  }

  raw(bytes: Uint8Array | readonly number[]): void {
    for (const byte of bytes) this.#bytes.push(byte);
  }

  /** @throws BusWireError for a type that is never sent to systemd, or a value that is not of the type */
  write(type: string, value: BusValue): void {
    switch (type[0]) {
      case "y":
        this.#bytes.push(Number(value) & 255);
        return;
      case "b":
        this.uint32(value ? 1 : 0);
        return;
      case "i":
      case "u":
        this.uint32(Number(value));
        return;
      case "s":
      case "o": {
        const text = new TextEncoder().encode(String(value));
        this.uint32(text.length);
        this.raw(text);
        this.#bytes.push(0);
        return;
      }
      case "g": {
        const text = new TextEncoder().encode(String(value));
        this.raw([text.length, ...text, 0]);
        return;
      }
      case "v":
        if (!(value instanceof Variant)) break;
        this.write("g", value.signature);
        this.write(value.signature, value.value);
        return;
      case "a":
        if (!Array.isArray(value)) break;
        this.#array(type.slice(1), value);
        return;
      case "(":
        if (!Array.isArray(value)) break;
        this.align(8);
        for (const [nth, part] of splitSignature(type.slice(1, -1)).entries()) this.write(part, value[nth] ?? "");
        return;
      default:
    }
    throw new BusWireError(`cannot be sent as ${type} over D-Bus: ${String(value)}`);
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #array(type: string, items: readonly BusValue[]): void {
    this.uint32(0);
    const lengthAt = this.#bytes.length - 4;
    this.align(alignmentOf(type));
    const start = this.#bytes.length;
    for (const item of items) this.write(type, item);
    const length = this.#bytes.length - start;
    for (let nth = 0; nth < 4; nth++) this.#bytes[lengthAt + nth] = (length >>> (8 * nth)) & 255;
  }
}

/** Reads values one after the other. All its methods throw RangeError when the bytes are over. */
export class BusReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #little: boolean;
  at = 0;

  constructor(bytes: Uint8Array, little = true) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = little;
  }

  align(size: number): void {
    this.at = Math.ceil(this.at / size) * size;
  }

  read(type: string): BusValue {
    this.align(alignmentOf(type));
    const { at } = this;
    switch (type[0]) {
      case "y":
        this.at += 1;
        return this.#view.getUint8(at);
      case "n":
        this.at += 2;
        return this.#view.getInt16(at, this.#little);
      case "q":
        this.at += 2;
        return this.#view.getUint16(at, this.#little);
      case "b":
        return this.#uint32() !== 0;
      case "i":
        this.at += 4;
        return this.#view.getInt32(at, this.#little);
      case "u":
      case "h":
        return this.#uint32();
      case "x":
        this.at += 8;
        return this.#view.getBigInt64(at, this.#little);
      case "t":
        this.at += 8;
        return this.#view.getBigUint64(at, this.#little);
      case "d":
        this.at += 8;
        return this.#view.getFloat64(at, this.#little);
      case "s":
      case "o":
        return this.#text(this.#uint32());
      case "g":
        this.at += 1;
        return this.#text(this.#view.getUint8(at));
      case "v": {
        const signature = String(this.read("g"));
        return this.read(signature);
      }
      case "a":
        return this.#array(type.slice(1));
      case "(":
        return splitSignature(type.slice(1, -1)).map((part) => this.read(part));
      default:
        throw new BusWireError(`no D-Bus type: ${type}`);
    }
  }

  #uint32(): number {
    const { at } = this;
    this.at += 4;
    return this.#view.getUint32(at, this.#little);
  }

  #text(length: number): string {
    const start = this.at;
    this.at += length + 1;
    return new TextDecoder().decode(this.#bytes.subarray(start, start + length));
  }

  #array(type: string): BusValue {
    const length = this.#uint32();
    this.align(alignmentOf(type));
    const end = this.at + length;
    if (end > this.#bytes.length) throw new RangeError("a D-Bus array is longer than its message");
    if (type[0] === "{") {
      const [key = "", value = ""] = splitSignature(type.slice(1, -1));
      const map = new Map<BusValue, BusValue>();
      while (this.at < end) {
        this.align(8);
        const name = this.read(key);
        map.set(name, this.read(value));
      }
      return map;
    }
    const items: BusValue[] = [];
    while (this.at < end) items.push(this.read(type));
    return items;
  }
}
