// The end of one service's log, and what comes: for a page that looks at it.
import type { NatsConnection } from "nats";
import { visible } from "../common/log-line.ts";
import { type LogLine, linesTo, readStreamLogs } from "../logs/index.ts";
import { findStream } from "../messaging/find-stream.ts";
import { StreamFollower } from "../messaging/stream-follower.ts";
import type { ToldLine } from "./told.ts";

const LINES = 200;
/** Of those that come in one go, the last so many are told. */
const MOST_WAITING = 500;
const COLLECT_MS = 200;
/** Pause before another attempt to read what cannot be read, milliseconds. */
const AGAIN_MS = 1_000;

export interface LogTailOptions {
  prefix: string;
  id: string;
  /** Undefined while there is no broker. */
  connection: () => NatsConnection | undefined;
  /** @param isAll what was told before does not count any more */
  tell: (lines: ToldLine[], isAll: boolean) => void;
}

export class LogTail {
  readonly #options: LogTailOptions;
  #follower: StreamFollower | undefined;
  #waiting: ToldLine[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Rises with each reading, and at the end: only the latest counts. */
  #round = 0;

  constructor(options: LogTailOptions) {
    this.#options = options;
  }

  /** Tells the last lines, and what comes; again when the broker has come back. Never rejects. */
  async read(): Promise<void> {
    this.stop();
    const round = this.#round;
    let told: string | undefined;
    while (round === this.#round) {
      const fault = await this.#readLast(round);
      if (fault === undefined || round !== this.#round) return;
      if (fault !== told) this.#options.tell([{ time: Date.now(), level: "warning", text: fault }], true);
      told = fault;
      // There may be a stream by then: launchers make it when they connect.
      await Bun.sleep(AGAIN_MS);
    }
  }

  stop(): void {
    this.#round += 1;
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#follower?.stop();
    this.#follower = undefined;
  }

  /** @returns why it cannot */
  async #readLast(round: number): Promise<string | undefined> {
    const { prefix, id, tell } = this.#options;
    const connection = this.#options.connection();
    if (!connection) return "the broker is away: the log cannot be read";
    const stream = await findStream(connection, prefix, "log");
    if (round !== this.#round) return undefined;
    if (!stream.ok) return `the log cannot be read: ${stream.message}`;
    const history = await readStreamLogs({ connection, stream, prefix, ids: [id], filter: {}, count: LINES });
    if (round !== this.#round) return undefined;
    if (!history.ok) return `the log cannot be read: ${history.message}`;
    tell(
      history.lines.map((line) => toldLine(line)),
      true,
    );
    this.#follower = new StreamFollower({
      prefix,
      kind: "log",
      subject: `${prefix}.log.*.${id}`,
      after: history.after,
      onMessage: linesTo((line) => this.#collect(toldLine(line))),
    });
    this.#follower.resume(connection);
    return undefined;
  }

  #collect(line: ToldLine): void {
    if (this.#waiting.length === 0) this.#timer = setTimeout(() => this.#flush(), COLLECT_MS);
    this.#waiting.push(line);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
  }

  #flush(): void {
    this.#options.tell(this.#waiting, false);
    this.#waiting = [];
  }
}

function toldLine({ id, record: { time, level, source, message } }: LogLine): ToldLine {
  return { time, level, text: visible(source === id ? message : `${source}  ${message}`) };
}
