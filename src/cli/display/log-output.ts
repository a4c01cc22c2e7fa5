// Lines of logs on standard output, for people or for programs.
import { formatLogRecord } from "../../common/log-line.ts";
import type { LogLine } from "../../logs/line.ts";
import { byId, mergeByTime } from "../../logs/merge.ts";
import { jsonText } from "./status-json.ts";

export interface LogOutputOptions {
  json: boolean;
  colour: boolean;
  /** Tell launchers apart: their lines have `tcs` for a source, all of them. */
  nameLaunchers: boolean;
}

/** Followed lines are collected this long, so that those of several services come in order, milliseconds. */
const COLLECT_MS = 100;

export class LogOutput {
  readonly #options: LogOutputOptions;
  #waiting: LogLine[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: LogOutputOptions) {
    this.#options = options;
  }

  /** Writes lines; resolves when they are out. */
  async write(lines: readonly LogLine[]): Promise<void> {
    if (lines.length === 0) return;
    const text = lines.map((line) => `${this.#format(line)}\n`).join("");
    await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
  }

  /** Writes lines soon, in order of time. */
  push(lines: readonly LogLine[]): void {
    for (const line of lines) this.#waiting.push(line);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const merged = mergeByTime(byId(this.#waiting));
      this.#waiting = [];
      this.#writing = this.#writing.then(() => this.write(merged));
    }, COLLECT_MS);
  }

  #format({ id, record, hostname }: LogLine): string {
    const { time, level, source, message } = record;
    if (this.#options.json) {
      const from = source === id ? {} : { source };
      const host = hostname === undefined ? {} : { hostname };
      return jsonText({ time: new Date(time).toISOString(), level, service_id: id, ...from, message, ...host }, 0);
    }
    return formatLogRecord({ time, level, source: this.#who(id, source), message }, this.#options.colour);
  }

  #who(id: string, source: string): string {
    if (source === id) return id;
    // What the framework says is a launcher's, or of a service that is run by hand.
    if (source === "tcs" && id.startsWith("launcher.")) return this.#options.nameLaunchers ? id : source;
    return `${id}:${source}`;
  }
}
