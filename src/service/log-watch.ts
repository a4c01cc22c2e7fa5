// What a service under test has logged, and waiting for what it will log.
import type { LogRecord } from "../common/logger.ts";
import { ServiceTestError } from "./errors.ts";

export class LogWatch {
  readonly records: LogRecord[] = [];
  readonly #onRecord = new Set<() => void>();
  #end: string | undefined;

  add(record: LogRecord): void {
    this.records.push(record);
    this.#look();
  }

  /** No more will come; `why` completes the errors of those who still wait. */
  end(why: string): void {
    this.#end = why;
    this.#look();
  }

  /** The first record with `text` in its message. @throws TcsError at the end, or after `limitMs` milliseconds */
  find(text: string | RegExp, limitMs: number): Promise<LogRecord> {
    const { promise, resolve, reject } = Promise.withResolvers<LogRecord>();
    const settle = (why = this.#end) => {
      const record = this.records.find(({ message }) => matches(message, text));
      if (!record && why === undefined) return;
      clearTimeout(timer);
      this.#onRecord.delete(look);
      if (record) resolve(record);
      else reject(new ServiceTestError(`${why} without logging ${Bun.inspect(text)}; ${this.#told()}`));
    };
    const look = () => settle();
    const timer = setTimeout(() => settle(`${limitMs} ms went by`), limitMs);
    this.#onRecord.add(look);
    look();
    return promise;
  }

  #look(): void {
    for (const look of [...this.#onRecord]) look();
  }

  #told(): string {
    if (this.records.length === 0) return "it logged nothing";
    return `it logged\n${this.records.map(({ level, message }) => `  ${level} ${message}`).join("\n")}`;
  }
}

/** A global expression remembers where it stopped: it is asked from the start each time. */
function matches(message: string, text: string | RegExp): boolean {
  return typeof text === "string" ? message.includes(text) : message.search(text) >= 0;
}
