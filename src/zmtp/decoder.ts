// From bytes, however they are cut, to messages: nothing is scanned or copied twice.
import { ZmtpLimitError, ZmtpProtocolError } from "./errors.ts";
import { Fifo } from "./fifo.ts";
import { COMMAND, EMPTY_FRAME, LARGE, MAX_HEADER, type Message, MORE } from "./frame.ts";

/** A frame that has to be put together grows from this: a size that is only claimed takes no memory. */
const FIRST_BODY = 64 * 1024;
/** Frames from this size on are views of what the kernel gave (up to 512 KiB); smaller ones are copied, not to hold it. */
const MIN_VIEW = 4 * 1024;
/** READY, PING and the like are small. */
export const MAX_COMMAND_BYTES = 64 * 1024;

export interface DecoderLimits {
  maxFrameBytes: number;
  maxMessageBytes: number;
  maxFrames: number;
}

/** Takes chunks by `push`, gives messages by `next`; what follows a message stays undecoded until it is asked for. */
export class Decoder {
  /** Can be changed between messages. */
  limits: DecoderLimits;
  readonly #onCommand: (body: Buffer) => void;
  #chunk: Buffer = EMPTY_FRAME;
  #at = 0;
  readonly #later = new Fifo<Buffer>();
  readonly #header = Buffer.alloc(MAX_HEADER);
  #headerFilled = 0;
  #flags = 0;
  #size = 0;
  /** A frame that began in an earlier chunk. */
  #body: Buffer | undefined;
  #bodyFilled = 0;
  #frames: Message = [];
  #messageBytes = 0;

  /** @param onCommand gets the body of each command, in its place among the messages */
  constructor(limits: DecoderLimits, onCommand: (body: Buffer) => void) {
    this.limits = limits;
    this.#onCommand = onCommand;
  }

  /** Whether there are bytes that `next` has not looked at. */
  get hasInput(): boolean {
    return this.#at < this.#chunk.length || this.#later.size > 0;
  }

  /** Takes bytes; they must not be changed afterwards. */
  push(chunk: Buffer): void {
    if (this.hasInput) this.#later.push(chunk);
    else {
      this.#chunk = chunk;
      this.#at = 0;
    }
  }

  /**
   * The next message that is complete.
   * @throws ZmtpProtocolError for bytes that are no frame
   * @throws ZmtpLimitError for a frame or message over the limits
   */
  next(): Message | undefined {
    for (;;) {
      const frame = this.#nextFrame();
      if (!frame) return undefined;
      const flags = this.#flags;
      if (flags & COMMAND) {
        this.#onCommand(frame);
        continue;
      }
      if (!(flags & MORE) && this.#frames.length === 0) return [frame];
      this.#frames.push(frame);
      this.#messageBytes += frame.length;
      if (flags & MORE) continue;
      const message = this.#frames;
      this.#frames = [];
      this.#messageBytes = 0;
      return message;
    }
  }

  #nextFrame(): Buffer | undefined {
    if (!this.#body) {
      if (!this.#readHeader()) return undefined;
      const { length } = this.#chunk;
      const start = this.#at;
      const end = start + this.#size;
      if (end <= length) {
        this.#at = end;
        return this.#size >= MIN_VIEW ? this.#chunk.subarray(start, end) : copyOf(this.#chunk, start, end);
      }
      this.#body = Buffer.allocUnsafeSlow(Math.min(this.#size, Math.max(FIRST_BODY, length - start)));
      this.#bodyFilled = 0;
    }
    return this.#fillBody(this.#body);
  }

  /** Reads flags and size, and judges them. @returns false if there are not enough bytes yet */
  #readHeader(): boolean {
    const chunk = this.#chunk;
    const at = this.#at;
    const flags = chunk[at] ?? 0;
    if (this.#headerFilled === 0 && !(flags & LARGE) && at + 2 <= chunk.length) {
      this.#flags = flags;
      this.#size = chunk[at + 1] ?? 0;
      this.#at = at + 2;
    } else if (!this.#gatherHeader()) return false;
    this.#check();
    return true;
  }

  /** The slow way: byte by byte, over chunks. */
  #gatherHeader(): boolean {
    const header = this.#header;
    for (;;) {
      const needed = this.#headerFilled === 0 || !((header[0] ?? 0) & LARGE) ? 2 : MAX_HEADER;
      if (this.#headerFilled === needed) break;
      if (this.#at === this.#chunk.length && !this.#nextChunk()) return false;
      header[this.#headerFilled] = this.#chunk[this.#at] ?? 0;
      this.#headerFilled += 1;
      this.#at += 1;
      // Not to wait for the rest of what is no header.
      if (this.#headerFilled === 1) checkFlags(header[0] ?? 0);
    }
    this.#headerFilled = 0;
    this.#flags = header[0] ?? 0;
    const isLarge = (this.#flags & LARGE) !== 0;
    this.#size = isLarge ? header.readUInt32BE(1) * 2 ** 32 + header.readUInt32BE(5) : (header[1] ?? 0);
    return true;
  }

  #check(): void {
    const flags = this.#flags;
    const size = this.#size;
    const { maxFrameBytes, maxMessageBytes, maxFrames } = this.limits;
    checkFlags(flags);
    if (flags & COMMAND) {
      if (size > MAX_COMMAND_BYTES) throw tooLarge("a command", size, MAX_COMMAND_BYTES);
    } else if (size > maxFrameBytes) throw tooLarge("a frame", size, maxFrameBytes);
    else if (this.#messageBytes + size > maxMessageBytes) {
      throw tooLarge("a message", this.#messageBytes + size, maxMessageBytes);
    } else if (this.#frames.length >= maxFrames) {
      throw new ZmtpLimitError(`a message has more than ${maxFrames} frames`);
    }
  }

  #fillBody(body: Buffer): Buffer | undefined {
    let target = body;
    for (;;) {
      const available = Math.min(this.#size - this.#bodyFilled, this.#chunk.length - this.#at);
      if (this.#bodyFilled + available > target.length) {
        const grown = Buffer.allocUnsafeSlow(Math.min(this.#size, 2 * (this.#bodyFilled + available)));
        target.copy(grown, 0, 0, this.#bodyFilled);
        target = this.#body = grown;
      }
      this.#chunk.copy(target, this.#bodyFilled, this.#at, this.#at + available);
      this.#bodyFilled += available;
      this.#at += available;
      if (this.#bodyFilled === this.#size) {
        this.#body = undefined;
        return target;
      }
      if (!this.#nextChunk()) return undefined;
    }
  }

  #nextChunk(): boolean {
    const chunk = this.#later.shift();
    // Let go of the old one: nothing of it is needed any more.
    this.#chunk = chunk ?? EMPTY_FRAME;
    this.#at = 0;
    return chunk !== undefined;
  }
}

/** @throws ZmtpProtocolError */
function checkFlags(flags: number): void {
  if (flags <= (MORE | LARGE | COMMAND) && !(flags & COMMAND && flags & MORE)) return;
  const byte = `0x${flags.toString(16).padStart(2, "0")}`;
  throw new ZmtpProtocolError(`a frame begins with the byte ${byte}, which no frame of ZMTP 3 does`);
}

function copyOf(chunk: Buffer, start: number, end: number): Buffer {
  // Small ones share a pool of 8 KiB.
  const frame = Buffer.allocUnsafe(end - start);
  chunk.copy(frame, 0, start, end);
  return frame;
}

function tooLarge(what: string, size: number, limit: number): ZmtpLimitError {
  return new ZmtpLimitError(`${what} has ${size} bytes, at most ${limit} are accepted`);
}
