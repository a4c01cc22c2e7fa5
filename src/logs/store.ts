// Logs on disk: one rotated file per id, one writer for all of them, which never makes anybody wait.
import { join } from "node:path";
import { atMost } from "../common/at-most.ts";
import { describeError } from "../common/errors.ts";
import type { LogLevel, LogRecord } from "../common/logger.ts";
import { fileName } from "./file-name.ts";
import { toFileLine } from "./line.ts";
import { LogFile, type RotationLimits } from "./log-file.ts";

export type LogLimits = RotationLimits;
export const DEFAULT_LOG_LIMITS: LogLimits = { maxBytes: 10 * 2 ** 20, files: 5 };

/** Lines are collected this long before they are written, milliseconds. */
const COLLECT_MS = 200;
/** A file that cannot be written to is tried again after this, milliseconds. */
const RETRY_MS = 2_000;
/** All is well again when every file could be written for so long, milliseconds: each was tried again meanwhile. */
const CALM_MS = 5_000;
/** What may wait to be written, of all services together; a line counts for its characters and 100 more. */
const LONGEST_QUEUE = 16 * 2 ** 20;
/** Lines written in one go, characters. */
const LONGEST_CHUNK = 512 * 1024;
/** A file that nobody writes to is closed after this, milliseconds; and the least used when there are more open. */
const IDLE_MS = 10_000;
const MOST_OPEN = 100;

export interface LogStoreOptions {
  folder: string;
  limits?: LogLimits;
  /** Something to tell once: files cannot be written, or can be again. */
  tell: (level: LogLevel, message: string) => void;
}

interface Entry {
  record: LogRecord;
  /** Lines it stands for: 1, or those that were lost and that it counts. */
  lines: number;
}

interface Queue {
  file: LogFile;
  entries: Entry[];
  /** Lines lost since the last one that was kept, and why. */
  dropped: number;
  why: string;
  /** `performance.now()` until which a file that failed is left alone. */
  restsUntil: number;
  failing: boolean;
}

const SLOW = "the disk is slower than the log";

export class LogStore {
  readonly #options: LogStoreOptions;
  readonly #queues = new Map<string, Queue>();
  #waiting = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #draining: Promise<void> | undefined;
  #open = false;
  /** That files cannot be written has been told, and not yet that they can be again. */
  #toldFailing = false;
  /** When a file last could not be written, monotonic milliseconds. */
  #failedAt = 0;

  constructor(options: LogStoreOptions) {
    this.#options = options;
  }

  /** Starts to write: until then lines are collected. */
  open(): void {
    this.#open = true;
    this.#arm(COLLECT_MS);
  }

  /** Takes a line; never throws, never waits. */
  write(id: string, record: LogRecord): void {
    const queue = this.#queueOf(id);
    if (queue.failing || this.#waiting > LONGEST_QUEUE) {
      queue.dropped += 1;
    } else {
      this.#pushCount(id, queue);
      this.#push(queue, { record, lines: 1 });
    }
    this.#arm(COLLECT_MS);
  }

  /** Writes what waits, at most for `limitMs`, and closes the files. Later lines are written by `endSync`. */
  async stop(limitMs: number): Promise<void> {
    if (!this.#open) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await atMost(
      limitMs,
      this.#drain().then(() => this.#closeFiles(0)),
    );
  }

  /** For the very end of the process: writes what waits, synchronously. */
  endSync(): void {
    if (!this.#open) return;
    for (const [id, queue] of this.#queues) {
      if (!queue.failing) this.#pushCount(id, queue);
      try {
        queue.file.endSync(toBytes(id, queue.entries));
      } catch {
        // The last moment of a process whose disk takes no more: there is nobody left to tell, and nothing to do.
      }
      queue.entries = [];
    }
  }

  #queueOf(id: string): Queue {
    let queue = this.#queues.get(id);
    if (!queue) {
      const file = new LogFile(join(this.#options.folder, fileName(id)), this.#options.limits ?? DEFAULT_LOG_LIMITS);
      queue = { file, entries: [], dropped: 0, why: SLOW, restsUntil: 0, failing: false };
      this.#queues.set(id, queue);
    }
    return queue;
  }

  #push(queue: Queue, entry: Entry): void {
    queue.entries.push(entry);
    this.#waiting += costOf(entry);
  }

  /** The count of lost lines is a line of its own. */
  #pushCount(id: string, queue: Queue): void {
    if (queue.dropped === 0) return;
    const message = `${queue.dropped} lines dropped: ${queue.why}`;
    this.#push(queue, { record: { time: Date.now(), level: "warning", source: id, message }, lines: queue.dropped });
    queue.dropped = 0;
    queue.why = SLOW;
  }

  #arm(delayMs: number): void {
    if (this.#timer !== undefined || this.#draining || !this.#open) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#drain();
    }, delayMs);
    // Lines that wait do not keep a process alive: it writes them at its end.
    this.#timer.unref();
  }

  #drain(): Promise<void> {
    this.#draining ??= this.#writeAll().finally(() => {
      this.#draining = undefined;
      const queues = [...this.#queues.values()];
      if (queues.some(({ entries }) => entries.length > 0)) this.#arm(COLLECT_MS);
      else if (this.#toldFailing || queues.some(({ failing, file }) => failing || file.isOpen)) this.#arm(RETRY_MS);
    });
    return this.#draining;
  }

  async #writeAll(): Promise<void> {
    for (let again = true; again; ) {
      again = false;
      for (const [id, queue] of this.#queues) {
        if (queue.failing && performance.now() < queue.restsUntil) continue;
        if (queue.entries.length === 0) this.#pushCount(id, queue);
        if (queue.entries.length === 0) continue;
        await this.#writeSome(id, queue);
        again ||= queue.entries.length > 0 || (queue.dropped > 0 && !queue.failing);
      }
    }
    this.#tellRecovery();
    await this.#closeFiles(IDLE_MS);
  }

  async #writeSome(id: string, queue: Queue): Promise<void> {
    const chunk = takeChunk(queue.entries);
    const bytes = toBytes(id, chunk);
    const { written, error } = await queue.file.append(bytes);
    for (const entry of chunk) this.#waiting -= costOf(entry);
    if (error === undefined) queue.failing = false;
    else this.#failed(queue, chunk.slice(countLines(bytes.subarray(0, written))), error);
  }

  #failed(queue: Queue, lost: Entry[], error: unknown): void {
    for (const entry of queue.entries) this.#waiting -= costOf(entry);
    for (const { lines } of [...lost, ...queue.entries]) queue.dropped += lines;
    queue.entries = [];
    queue.why = describeError(error);
    this.#failedAt = performance.now();
    queue.restsUntil = this.#failedAt + RETRY_MS;
    queue.failing = true;
    if (this.#toldFailing) return;
    this.#toldFailing = true;
    const { folder, tell } = this.#options;
    tell("warning", `logs cannot be written to ${folder}: ${queue.why}; only the last lines are kept, in memory`);
  }

  /** Not at the first line that is written: a disk that is nearly full takes one now and then. */
  #tellRecovery(): void {
    if (!this.#toldFailing || performance.now() - this.#failedAt < CALM_MS) return;
    this.#toldFailing = false;
    this.#options.tell("info", `logs are written to ${this.#options.folder} again`);
  }

  async #closeFiles(idleMs: number): Promise<void> {
    const open = [...this.#queues.values()].map(({ file }) => file).filter((file) => file.isOpen);
    open.sort((a, b) => b.usedAt - a.usedAt);
    const now = performance.now();
    for (const [place, file] of open.entries()) {
      if (place >= MOST_OPEN || now - file.usedAt >= idleMs) await file.close();
    }
  }
}

function costOf({ record }: Entry): number {
  return record.message.length + 100;
}

/** Takes the first entries out of `entries`: as many as are written in one go. */
function takeChunk(entries: Entry[]): Entry[] {
  let size = 0;
  let count = 0;
  for (const entry of entries) {
    count += 1;
    size += costOf(entry);
    if (size >= LONGEST_CHUNK) break;
  }
  return entries.splice(0, count);
}

function toBytes(id: string, entries: readonly Entry[]): Buffer {
  return Buffer.from(entries.map(({ record }) => toFileLine(id, record)).join(""));
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1;
  return lines;
}
