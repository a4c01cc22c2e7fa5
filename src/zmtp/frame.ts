// What frames and messages are, on the wire and in a program.

/** Bits of a frame's first byte (ZMTP 3.0). All others must be 0. */
export const MORE = 1;
/** The size takes eight bytes instead of one. */
export const LARGE = 2;
export const COMMAND = 4;

/** Sizes up to this take one byte. */
export const MAX_SMALL = 255;
/** Flags and an eight-byte size. */
export const MAX_HEADER = 9;

/** A message as it is received: one frame or more, each with bytes of its own. */
export type Message = Buffer[];

/** What can be sent as a frame: text goes as UTF-8. */
export type Frame = string | Uint8Array;

export const EMPTY_FRAME: Buffer = Buffer.alloc(0);

/** The bytes of all frames together. */
export function sizeOf(message: Message): number {
  let bytes = 0;
  for (const frame of message) bytes += frame.length;
  return bytes;
}

/** Writes the header of a frame of `size` bytes at `at`. @returns where the frame itself begins */
export function writeHeader(target: Buffer, at: number, size: number, flags: number): number {
  if (size <= MAX_SMALL) {
    target[at] = flags;
    target[at + 1] = size;
    return at + 2;
  }
  target[at] = flags | LARGE;
  target.writeUInt32BE(Math.floor(size / 2 ** 32), at + 1);
  target.writeUInt32BE(size >>> 0, at + 5);
  return at + MAX_HEADER;
}
