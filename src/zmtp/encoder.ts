// From frames to the bytes of a message.
import { type Frame, MAX_HEADER, MORE, writeHeader } from "./frame.ts";

/** Messages up to this many bytes are copied together into batches; larger frames are sent from where they are. */
const MAX_COPIED = 32 * 1024;
/** UTF-8 takes at most three bytes for each unit of a JavaScript string. */
const MAX_UTF8 = 3;

/**
 * A message on its way to peers. Small ones are in `bytes` from 0 to `size`, and valid until the next `encode`; large
 * ones in `pieces`, which refer to the frames as they were given.
 */
export interface Encoded {
  bytes: Buffer;
  /** Of the whole message. */
  size: number;
  /** Where the first frame itself begins and ends in `bytes`, or in `topic` of a large one. */
  topicStart: number;
  topicEnd: number;
  topic: Uint8Array;
  /** Set if the message is large. */
  pieces: readonly Uint8Array[] | undefined;
}

/** One for the whole event loop: an encoded message is taken over by all its peers before the next is made. */
const SCRATCH = Buffer.allocUnsafeSlow(MAX_COPIED);
const encoded: Encoded = { bytes: SCRATCH, size: 0, topicStart: 0, topicEnd: 0, topic: SCRATCH, pieces: undefined };

/** Puts frames into the form of the wire. At least one frame. */
export function encode(frames: readonly Frame[]): Encoded {
  let most = 0;
  for (const frame of frames) most += MAX_HEADER + (typeof frame === "string" ? frame.length * MAX_UTF8 : frame.length);
  return most <= MAX_COPIED ? encodeSmall(frames) : encodeLarge(frames);
}

function encodeSmall(frames: readonly Frame[]): Encoded {
  let at = 0;
  const last = frames.length - 1;
  for (let i = 0; i <= last; i++) {
    const frame = frames[i];
    if (frame === undefined) continue;
    const flags = i < last ? MORE : 0;
    const isText = typeof frame === "string";
    const start = writeHeader(SCRATCH, at, isText ? byteLength(frame) : frame.length, flags);
    if (isText) at = start + SCRATCH.write(frame, start);
    else {
      SCRATCH.set(frame, start);
      at = start + frame.length;
    }
    if (i > 0) continue;
    encoded.topicStart = start;
    encoded.topicEnd = at;
  }
  encoded.size = at;
  encoded.topic = SCRATCH;
  encoded.pieces = undefined;
  return encoded;
}

function byteLength(text: string): number {
  return text.length === 0 ? 0 : Buffer.byteLength(text);
}

function encodeLarge(frames: readonly Frame[]): Encoded {
  const bodies = frames.map((frame) => (typeof frame === "string" ? Buffer.from(frame) : frame));
  const pieces: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  let size = 0;
  for (const [i, body] of bodies.entries()) {
    const header = Buffer.allocUnsafe(MAX_HEADER);
    const headerSize = writeHeader(header, 0, body.length, i < bodies.length - 1 ? MORE : 0);
    small.push(header.subarray(0, headerSize));
    size += headerSize + body.length;
    if (body.length <= MAX_COPIED) {
      small.push(body);
      continue;
    }
    pieces.push(Buffer.concat(small), body);
    small = [];
  }
  if (small.length > 0) pieces.push(Buffer.concat(small));
  const topic = bodies[0] ?? SCRATCH;
  return { bytes: SCRATCH, size, topicStart: 0, topicEnd: bodies[0]?.length ?? 0, topic, pieces };
}

/** A single frame with its header, in bytes of its own: for commands. */
export function encodeFrame(body: Uint8Array, flags: number): Buffer {
  const header = Buffer.allocUnsafe(MAX_HEADER);
  return Buffer.concat([header.subarray(0, writeHeader(header, 0, body.length, flags)), body]);
}
