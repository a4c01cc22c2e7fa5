// The last lines of each service, in memory: what goes with a crash, whatever became of disk and broker.
import type { LogRecord } from "../common/logger.ts";
import { cutMessage } from "./line.ts";

const LINES = 50;
/** Of a longer message the beginning is kept, characters: many services must fit. */
const LONGEST = 2_000;

export class LogRing {
  readonly #lines = new Map<string, LogRecord[]>();
  readonly #size: number;

  /** @param size lines kept of each id */
  constructor(size = LINES) {
    this.#size = size;
  }

  push(id: string, record: LogRecord): void {
    let lines = this.#lines.get(id);
    if (!lines) {
      lines = [];
      this.#lines.set(id, lines);
    }
    lines.push(cutMessage(record, LONGEST));
    // Cut back in one go now and then: cheaper than at every line.
    if (lines.length >= 2 * this.#size) lines.splice(0, lines.length - this.#size);
  }

  /** The last `count` lines of `id`, oldest first. */
  last(id: string, count = this.#size): LogRecord[] {
    return count <= 0 ? [] : (this.#lines.get(id) ?? []).slice(-Math.min(count, this.#size));
  }

  /** All lines that are kept, with their ids. */
  *all(): Iterable<[id: string, record: LogRecord]> {
    for (const id of this.#lines.keys()) for (const record of this.last(id)) yield [id, record];
  }
}
