// Log lines on their way to the launcher: at once while they are few, in batches when they are many, and never more
// than the launcher keeps up with.
import type { LogLevel, LogRecord } from "../common/logger.ts";
import type { FromHost } from "./protocol.ts";

/** Lines sent one by one within a window: those before a crash are then sure to be out. */
const BURST = 32;
const WINDOW_MS = 10;
/** Lines of a batch. */
const BATCH = 64;
/** What may be on its way, characters: what the launcher has not heard yet waits in its memory, or in ours. */
const LONGEST_BACKLOG = 16 * 2 ** 20;
/** Longer messages are cut here already, characters. (The launcher cuts them shorter, after it has masked secrets.) */
const LONGEST_MESSAGE = 80 * 1024;

export class LogChannel {
  readonly #send: (message: Extract<FromHost, { kind: "log" }>) => void;
  #batch: LogRecord[] = [];
  /** Messages sent in the present window. */
  #sent = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #backlog = 0;
  /** Lines that were dropped, by who wrote them. */
  readonly #dropped = new Map<string, number>();

  constructor(send: (message: Extract<FromHost, { kind: "log" }>) => void) {
    this.#send = send;
  }

  /** Takes a line; never waits. */
  readonly log = (record: LogRecord): void => {
    if (this.#backlog > LONGEST_BACKLOG) {
      const owner = record.service ?? record.source;
      this.#dropped.set(owner, (this.#dropped.get(owner) ?? 0) + 1);
      return;
    }
    const { length } = record.message;
    this.#batch.push(length > LONGEST_MESSAGE ? { ...record, message: cut(record.message) } : record);
    if (this.#sent < BURST || this.#batch.length >= BATCH) this.flush();
    this.#timer ??= this.#nextWindow();
  };

  /** Sends what waits: before anything else is told, so that all arrives in the order in which it happened. */
  flush(): void {
    const records = this.#batch;
    if (records.length === 0) return;
    this.#batch = [];
    this.#sent += 1;
    let size = 0;
    for (const { message } of records) size += message.length + 100;
    this.#backlog += size;
    this.#send({ kind: "log", records, size });
  }

  /** The launcher has heard so much of what was sent. */
  heard(size: number): void {
    this.#backlog -= size;
    if (this.#dropped.size === 0 || this.#backlog > LONGEST_BACKLOG / 2) return;
    const level: LogLevel = "warning";
    const counts = [...this.#dropped];
    this.#dropped.clear();
    for (const [source, lines] of counts) {
      this.log({ time: Date.now(), level, source, message: `${lines} lines dropped: more than the launcher takes` });
    }
  }

  #nextWindow(): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      this.#timer = undefined;
      this.#sent = 0;
      this.flush();
    }, WINDOW_MS);
    timer.unref?.();
    return timer;
  }
}

function cut(message: string): string {
  return `${message.slice(0, LONGEST_MESSAGE)}… [${message.length} characters]`;
}
