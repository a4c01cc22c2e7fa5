// Lines on the wire: as many as are good for a broker, the rest summed up; never in the way of anything else.
import { hostname } from "node:os";
import { atMost } from "../common/at-most.ts";
import type { LogRecord } from "../common/logger.ts";
import type { LineCarrier, OfferedLine } from "../messaging/line-carrier.ts";
import type { Subjects } from "../messaging/subjects.ts";
import { Bucket } from "./bucket.ts";
import { cutForWire, toWireLine } from "./line.ts";

/** Lines are collected this long, milliseconds. */
const COLLECT_MS = 50;
/** While the broker is away it is asked for this often, milliseconds. */
const AWAY_MS = 100;
/** Lines of one service: a second in the long run, at once after a quiet time, and waiting. The oldest give way. */
const PER_SECOND = 50;
const BURST = 200;
const LONGEST_QUEUE = 200;
/** A long line counts as one more for each of these, characters. */
const COST_CHARACTERS = 500;
/** The same for all services of a launcher together. */
const ALL_PER_SECOND = 1_000;
const ALL_BURST = 4_000;

interface Waiting {
  record: LogRecord;
  /** The same each time it is sent: a stream stores it once. */
  number: number;
}

interface Queue {
  lines: Waiting[];
  /** Lines that gave way since the last one that was sent, and whether the broker was away then. */
  dropped: number;
  away: boolean;
  bucket: Bucket;
}

interface Sent extends OfferedLine {
  queue: Queue;
  /** Undefined for a count of dropped lines. */
  line: Waiting | undefined;
  dropped: number;
  /** Where it stands among all lines; a count stands before what follows it. */
  place: number;
}

export interface LogPublisherOptions {
  carrier: LineCarrier;
  subjects: Subjects;
}

export class LogPublisher {
  readonly #carrier: LineCarrier;
  readonly #subjects: Subjects;
  readonly #hostname = hostname();
  readonly #queues = new Map<string, Queue>();
  readonly #bucket = new Bucket(ALL_PER_SECOND, ALL_BURST);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | undefined;
  #count = 0;

  constructor({ carrier, subjects }: LogPublisherOptions) {
    this.#carrier = carrier;
    this.#subjects = subjects;
  }

  /** Takes a line; never throws, never waits. */
  push(id: string, record: LogRecord): void {
    let queue = this.#queues.get(id);
    if (!queue) {
      queue = { lines: [], dropped: 0, away: false, bucket: new Bucket(PER_SECOND, BURST) };
      this.#queues.set(id, queue);
    }
    this.#count += 1;
    queue.lines.push({ record: cutForWire(record), number: this.#count });
    if (queue.lines.length > LONGEST_QUEUE) {
      queue.lines.shift();
      queue.dropped += 1;
      queue.away ||= !this.#carrier.isReady;
    }
    this.#arm();
  }

  /** Sends what waits, once, if the broker is there and it takes no longer than `limitMs`. */
  async flush(limitMs: number): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const sent = async () => {
      await this.#sending;
      await this.#send();
    };
    await atMost(limitMs, sent());
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#sending) return;
    const tick = () => {
      this.#timer = undefined;
      void this.#send();
    };
    this.#timer = setTimeout(tick, this.#carrier.isReady ? COLLECT_MS : AWAY_MS);
    // A line that waits does not keep a process alive.
    this.#timer.unref();
  }

  #send(): Promise<void> {
    this.#sending ??= this.#sendBatch().finally(() => {
      this.#sending = undefined;
      for (const { lines, dropped } of this.#queues.values()) {
        if (lines.length === 0 && dropped === 0) continue;
        this.#arm();
        return;
      }
    });
    return this.#sending;
  }

  async #sendBatch(): Promise<void> {
    if (!this.#carrier.isReady) return;
    const batch = [...this.#queues].flatMap(([id, queue]) => this.#take(id, queue));
    this.#nextTurn();
    // In the order in which they were logged, over all services.
    batch.sort((a, b) => a.place - b.place);
    if (batch.length === 0 || (await this.#carrier.offer(batch))) return;
    // The broker went away meanwhile: they are offered again, under the same ids.
    for (const { queue, line, dropped } of batch.toReversed()) {
      if (line) queue.lines.unshift(line);
      queue.dropped += dropped;
    }
    for (const queue of new Set(batch.map(({ queue }) => queue))) {
      const surplus = queue.lines.splice(0, Math.max(0, queue.lines.length - LONGEST_QUEUE)).length;
      queue.dropped += surplus;
      queue.away ||= surplus > 0;
    }
  }

  /** Another service is the first next time: what all may send together is not for those alone who were there first. */
  #nextTurn(): void {
    const [first] = this.#queues;
    if (!first) return;
    this.#queues.delete(first[0]);
    this.#queues.set(...first);
  }

  /** What of a queue may be sent now. */
  #take(id: string, queue: Queue): Sent[] {
    const now = performance.now();
    const mayGo = () => this.#bucket.has(now) && queue.bucket.has(now);
    const batch: Sent[] = [];
    const add = (record: LogRecord, number: number, line: Waiting | undefined, place = number) => {
      const cost = 1 + record.message.length / COST_CHARACTERS;
      this.#bucket.take(cost);
      queue.bucket.take(cost);
      const subject = this.#subjects.log(record.level, id);
      const data = toWireLine(id, record, this.#hostname);
      batch.push({ subject, data, id: String(number), queue, line, dropped: line ? 0 : queue.dropped, place });
    };
    if (queue.dropped > 0 && mayGo()) {
      this.#count += 1;
      const [next] = queue.lines;
      const time = next?.record.time ?? Date.now();
      const place = (next?.number ?? this.#count) - 0.5;
      add({ time, level: "warning", source: id, message: this.#summary(queue) }, this.#count, undefined, place);
      queue.dropped = 0;
      queue.away = false;
    }
    let count = 0;
    for (const line of queue.lines) {
      if (!mayGo()) break;
      count += 1;
      add(line.record, line.number, line);
    }
    queue.lines.splice(0, count);
    return batch;
  }

  #summary({ dropped, away }: Queue): string {
    const why = away ? "the broker was away" : `more than ${PER_SECOND} a second`;
    return `${dropped} lines not published (${why}): they are in the log files of ${this.#hostname}`;
  }
}
