// Commands: what peers tell each other besides messages.
import { encodeFrame } from "./encoder.ts";
import { ZmtpProtocolError } from "./errors.ts";
import { COMMAND } from "./frame.ts";

export interface Command {
  name: string;
  body: Buffer;
}

/** @throws ZmtpProtocolError */
export function parseCommand(bytes: Buffer): Command {
  const length = bytes[0] ?? 0;
  if (length === 0 || length + 1 > bytes.length) throw new ZmtpProtocolError("the peer sent a command without a name");
  return { name: bytes.toString("latin1", 1, length + 1), body: bytes.subarray(length + 1) };
}

function command(name: string, ...parts: Uint8Array[]): Buffer {
  return encodeFrame(Buffer.concat([Buffer.from([name.length]), Buffer.from(name, "latin1"), ...parts]), COMMAND);
}

/** What a peer tells of itself, as `Socket-Type`. */
export function ready(properties: Record<string, string>): Buffer {
  const parts = Object.entries(properties).map(([name, value]) => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(value.length);
    return Buffer.concat([Buffer.from([name.length]), Buffer.from(name, "latin1"), size, Buffer.from(value, "latin1")]);
  });
  return command("READY", ...parts);
}

/** Names in lower case: their case does not count. @throws ZmtpProtocolError */
export function parseReady(body: Buffer): Map<string, string> {
  const properties = new Map<string, string>();
  let at = 0;
  while (at < body.length) {
    const nameEnd = at + 1 + (body[at] ?? 0);
    const valueStart = nameEnd + 4;
    const valueEnd = valueStart <= body.length ? valueStart + body.readUInt32BE(nameEnd) : Number.POSITIVE_INFINITY;
    if (valueEnd > body.length) throw new ZmtpProtocolError("the peer's READY is cut off");
    const name = body.toString("latin1", at + 1, nameEnd).toLowerCase();
    properties.set(name, body.toString("latin1", valueStart, valueEnd));
    at = valueEnd;
  }
  return properties;
}

/** Refuses a peer. */
export function refusal(reason: string): Buffer {
  const text = Buffer.from(reason).subarray(0, 255);
  return command("ERROR", Buffer.from([text.length]), text);
}

export function parseRefusal(body: Buffer): string {
  return body.toString("utf8", 1, 1 + (body[0] ?? 0));
}

/** Asks for a sign of life. @param ttlMs how long we may be silent before the peer may give us up */
export function ping(ttlMs: number): Buffer {
  const ttl = Buffer.alloc(2);
  // In tenths of a second.
  ttl.writeUInt16BE(Math.min(0xffff, Math.ceil(ttlMs / 100)));
  return command("PING", ttl);
}

export function parsePing(body: Buffer): { ttlMs: number; context: Buffer } {
  if (body.length < 2) throw new ZmtpProtocolError("the peer's PING is cut off");
  return { ttlMs: body.readUInt16BE(0) * 100, context: body.subarray(2) };
}

export function pong(context: Uint8Array): Buffer {
  return command("PONG", context);
}
