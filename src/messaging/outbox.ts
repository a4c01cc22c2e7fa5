// Events on their way to the broker: kept in order until acknowledged, within bounds, the oldest dropped when full.

/** One event waiting for its acknowledgement. */
export interface OutboxEntry {
  /** Rises by one with every event; the order of sending. */
  readonly seq: number;
  readonly subject: string;
  readonly payload: Uint8Array;
  /** How often it was sent. */
  attempts: number;
  /** When it was last sent, `performance.now()` milliseconds. */
  sentAt: number;
}

export interface OutboxLimits {
  /** Most events kept, default 10,000. */
  maxMessages?: number;
  /** Most bytes kept (payloads and subjects), default 16 MiB. */
  maxBytes?: number;
  /**
   * Most events sent and not yet acknowledged, default 100: as many as the streams keep of a subject. Of more, a broker that
   * is killed may have dropped the oldest already, and would take them for new when they are sent again.
   */
  windowMessages?: number;
  /** Most bytes sent and not yet acknowledged, default 4 MiB (a single larger event still goes). */
  windowBytes?: number;
}

/**
 * An ordered queue with a cursor: entries before it are in flight, those after it wait.
 * `rewind()` (after a disconnect) moves the cursor back to the first entry.
 */
export class Outbox {
  readonly #limits: Required<OutboxLimits>;
  /** Entry of sequence number `#base + index`; undefined once acknowledged. */
  #slots: (OutboxEntry | undefined)[] = [];
  #base = 1;
  /** Index of the oldest entry still kept. */
  #head = 0;
  /** Index of the next entry to send. */
  #cursor = 0;
  #size = 0;
  #bytes = 0;
  #inFlight = 0;
  #inFlightBytes = 0;

  constructor(limits: OutboxLimits = {}) {
    this.#limits = {
      maxMessages: 10_000,
      maxBytes: 16 * 2 ** 20,
      windowMessages: 100,
      windowBytes: 4 * 2 ** 20,
      ...limits,
    };
  }

  /** Events kept, in flight or waiting. */
  get size(): number {
    return this.#size;
  }
  get bytes(): number {
    return this.#bytes;
  }
  /** Events sent and not yet acknowledged. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** The number that the next event will have. */
  get nextSeq(): number {
    return this.#base + this.#slots.length;
  }

  /** Whether an event of so many bytes (payload and subject) finds room without pushing another one out. */
  hasRoom(bytes: number): boolean {
    return this.#size < this.#limits.maxMessages && this.#bytes + bytes <= this.#limits.maxBytes;
  }

  /**
   * Adds an event.
   * @param onDropped called with each of the oldest that had to go
   * @returns how many of the oldest were dropped to make room (the new one itself if it never fits)
   */
  push(subject: string, payload: Uint8Array, onDropped?: (entry: OutboxEntry) => void): number {
    const entry = { seq: this.nextSeq, subject, payload, attempts: 0, sentAt: 0 };
    if (weight(entry) > this.#limits.maxBytes) return 1;
    this.#slots.push(entry);
    this.#size += 1;
    this.#bytes += weight(entry);
    let dropped = 0;
    for (let oldest = this.oldest(); oldest && this.#isFull(); oldest = this.oldest()) {
      this.remove(oldest.seq);
      onDropped?.(oldest);
      dropped += 1;
    }
    return dropped;
  }

  /** The next event to send, now counted as in flight; undefined when none waits or the window is full. */
  next(now: number): OutboxEntry | undefined {
    if (this.#inFlight >= this.#limits.windowMessages) return undefined;
    while (this.#cursor < this.#slots.length && this.#slots[this.#cursor] === undefined) this.#cursor += 1;
    const entry = this.#slots[this.#cursor];
    if (!entry) return undefined;
    if (this.#inFlight > 0 && this.#inFlightBytes + weight(entry) > this.#limits.windowBytes) return undefined;
    this.#cursor += 1;
    this.#inFlight += 1;
    this.#inFlightBytes += weight(entry);
    entry.attempts += 1;
    entry.sentAt = now;
    return entry;
  }

  /** Takes an event out (acknowledged or given up), wherever it stands. @returns false if it was gone already */
  remove(seq: number): boolean {
    const index = seq - this.#base;
    const entry = this.#slots[index];
    if (!entry) return false;
    this.#slots[index] = undefined;
    this.#size -= 1;
    this.#bytes -= weight(entry);
    if (index < this.#cursor) {
      this.#inFlight -= 1;
      this.#inFlightBytes -= weight(entry);
    }
    this.#trim();
    return true;
  }

  /** Takes every event out whose subject is not wanted any more. @returns how many that were */
  discard(isUnwanted: (subject: string) => boolean): number {
    const unwanted = this.#slots.flatMap((entry) => (entry && isUnwanted(entry.subject) ? [entry.seq] : []));
    for (const seq of unwanted) this.remove(seq);
    return unwanted.length;
  }

  get(seq: number): OutboxEntry | undefined {
    return this.#slots[seq - this.#base];
  }

  /** The oldest event kept. */
  oldest(): OutboxEntry | undefined {
    return this.#slots[this.#head];
  }

  /** The events in flight, oldest first. */
  *sent(): Generator<OutboxEntry> {
    for (let index = this.#head; index < this.#cursor; index++) {
      const entry = this.#slots[index];
      if (entry) yield entry;
    }
  }

  /** Everything in flight waits again, in its old order, before everything that waited. */
  rewind(): void {
    this.#cursor = this.#head;
    this.#inFlight = 0;
    this.#inFlightBytes = 0;
  }

  #isFull(): boolean {
    return this.#size > this.#limits.maxMessages || this.#bytes > this.#limits.maxBytes;
  }

  /** Moves the head past what is gone, and gives the room back now and then. */
  #trim(): void {
    while (this.#head < this.#slots.length && this.#slots[this.#head] === undefined) this.#head += 1;
    this.#cursor = Math.max(this.#cursor, this.#head);
    if (this.#head < 256 || this.#head * 2 < this.#slots.length) return;
    this.#slots = this.#slots.slice(this.#head);
    this.#base += this.#head;
    this.#cursor -= this.#head;
    this.#head = 0;
  }
}

function weight(entry: OutboxEntry): number {
  return entry.payload.length + entry.subject.length;
}
