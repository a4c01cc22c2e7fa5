// What waits to be sent to one peer: small messages are gathered into batches, large ones go from where they are.
import type { Encoded } from "./encoder.ts";
import { Fifo } from "./fifo.ts";
import { giveSlab, SLAB_BYTES, takeSlab } from "./slabs.ts";
import { type Unsent, unsentMessages } from "./unsent.ts";

interface Batch {
  /** The slab alone, or the parts of a large message. */
  pieces: readonly Uint8Array[];
  /** Where it is gathered; `size` of it is filled. */
  slab: Buffer | undefined;
  size: number;
  messages: number;
}

/** A batch that small messages are added to. */
type Gathered = Batch & { slab: Buffer };

export interface OutboundMarks {
  highWaterMark: number;
  highWaterBytes: number;
}

/** Hands bytes to the kernel. @returns how many it took */
export type Write = (bytes: Uint8Array, offset: number, length: number) => number;

export class Outbound {
  readonly #write: Write;
  readonly #marks: OutboundMarks;
  readonly #batches = new Fifo<Batch>();
  /** The last batch, while small messages can be added to it. */
  #open: Gathered | undefined;
  /** How far the first batch is sent: its piece, and the bytes of that. */
  #piece = 0;
  #offset = 0;
  #messages = 0;
  #bytes = 0;
  /** The kernel has enough for now: it tells when it takes more. */
  #blocked = false;

  constructor(write: Write, marks: OutboundMarks) {
    this.#write = write;
    this.#marks = marks;
  }

  get isEmpty(): boolean {
    return this.#batches.size === 0;
  }

  /** Messages that the kernel has not taken. Those of a batch count until all of it is taken. */
  get messages(): number {
    return this.#messages;
  }

  /** Whether the high-water mark is reached. What is only gathered does not count: it is sent first. */
  isFull(): boolean {
    if (!this.#isOver) return false;
    this.flush();
    return this.#isOver;
  }

  get #isOver(): boolean {
    return this.#messages >= this.#marks.highWaterMark || this.#bytes >= this.#marks.highWaterBytes;
  }

  /** Takes a message; the mark is the caller's business. */
  add(message: Encoded): void {
    if (message.pieces) this.#addPieces(message.pieces, 1, message.size);
    else this.#gather(message.bytes, message.size, 1);
  }

  /** Takes a command, or anything else that is no message. */
  addControl(bytes: Buffer): void {
    this.#gather(bytes, bytes.length, 0);
  }

  /** Takes what another peer has not got. */
  addUnsent({ pieces, messages }: Unsent): void {
    const size = pieces.reduce((sum, { length }) => sum + length, 0);
    this.#addPieces(pieces, messages, size);
  }

  /** Sends as much as the kernel takes. */
  flush(): void {
    while (!this.#blocked) {
      const batch = this.#batches.peek();
      if (!batch) return;
      if (!this.#send(batch)) return;
      this.#batches.shift();
      this.#messages -= batch.messages;
      this.#bytes -= batch.size;
      this.#piece = 0;
      if (this.#open === batch) this.#open = undefined;
      if (batch.slab) giveSlab(batch.slab);
    }
  }

  /** The kernel takes more. */
  drained(): void {
    this.#blocked = false;
    this.flush();
  }

  /** Ends it. @returns the messages that were not sent whole */
  takeUnsent(): Unsent[] {
    this.#blocked = true;
    this.#open = undefined;
    const sent = this.#offset;
    const batches = this.#batches.drain();
    this.#messages = this.#bytes = this.#offset = this.#piece = 0;
    return batches.flatMap(({ pieces, slab, size, messages }, i) => {
      if (!slab) return messages > 0 ? [{ pieces, messages }] : [];
      return unsentMessages(slab.subarray(0, size), i === 0 ? sent : 0);
    });
  }

  /** @returns whether all of the batch is sent */
  #send(batch: Batch): boolean {
    for (let piece = batch.pieces[this.#piece]; piece; piece = batch.pieces[this.#piece]) {
      const end = batch.slab ? batch.size : piece.length;
      const length = end - this.#offset;
      const written = Math.max(0, this.#write(piece, this.#offset, length));
      if (written < length) {
        this.#offset += written;
        this.#blocked = true;
        return false;
      }
      this.#offset = 0;
      this.#piece += 1;
    }
    return true;
  }

  #addPieces(pieces: readonly Uint8Array[], messages: number, size: number): void {
    this.#open = undefined;
    this.#batches.push({ pieces, slab: undefined, size, messages });
    this.#messages += messages;
    this.#bytes += size;
    this.flush();
  }

  #gather(bytes: Buffer, size: number, messages: number): void {
    let batch = this.#open;
    if (batch && batch.size + size > SLAB_BYTES) {
      this.flush();
      batch = undefined;
    }
    batch ??= this.#openBatch();
    bytes.copy(batch.slab, batch.size, 0, size);
    batch.size += size;
    batch.messages += messages;
    this.#messages += messages;
    this.#bytes += size;
  }

  #openBatch(): Gathered {
    const slab = takeSlab();
    const batch = { pieces: [slab], slab, size: 0, messages: 0 };
    this.#open = batch;
    this.#batches.push(batch);
    return batch;
  }
}
