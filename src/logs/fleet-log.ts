// The log of a launcher, or of a service run by hand: every line, without secrets, to wherever lines go.
import { Logger, type LogRecord, type LogSink } from "../common/logger.ts";
import type { LineCarrier } from "../messaging/line-carrier.ts";
import type { Subjects } from "../messaging/subjects.ts";
import { cutMessage } from "./line.ts";
import { LogPublisher } from "./publisher.ts";
import { LogRing } from "./ring.ts";
import { SecretMask } from "./secrets.ts";
import { DEFAULT_LOG_LIMITS, type LogLimits, LogStore } from "./store.ts";

export interface FleetLogOptions {
  /** Shows lines to whoever runs it. */
  print: LogSink;
  /** Where its files are kept: nobody else writes there. */
  folder: string;
  /** Id of the framework's own lines, those with source `tcs`: the launcher's monitor, or the only service. */
  ownId: string;
  env?: Record<string, string | undefined>;
  /** What is absent has its default. */
  limits?: Partial<LogLimits> | undefined;
}

/** How long it may take to write or publish the last lines, milliseconds. */
const LAST_LINES_MS = 1_000;

export class FleetLog {
  /** What is never shown: add to it whatever is found to be secret. */
  readonly mask = new SecretMask();
  readonly #options: FleetLogOptions;
  readonly #ring = new LogRing();
  readonly #store: LogStore;
  readonly #atExit = () => this.#store.endSync();
  #publisher: LogPublisher | undefined;

  constructor(options: FleetLogOptions) {
    this.#options = options;
    this.mask.addEnv(options.env ?? process.env);
    const logger = new Logger("tcs", this.sink);
    this.#store = new LogStore({
      folder: options.folder,
      limits: { ...DEFAULT_LOG_LIMITS, ...options.limits },
      tell: (level, message) => logger[level](message),
    });
  }

  /** Takes every line. Never throws, never waits. */
  readonly sink: LogSink = (given) => {
    const masked = this.mask.maskRecord(given);
    this.#options.print(masked);
    const record = cutMessage(masked);
    const owner = record.service ?? record.source;
    const id = owner === "tcs" ? this.#options.ownId : owner;
    this.#ring.push(id, record);
    this.#store.write(id, record);
    this.#publisher?.push(id, record);
  };

  /** Where its files are. */
  get folder(): string {
    return this.#options.folder;
  }

  /** The last lines of an id, oldest first; at most 50. */
  last(id: string, count?: number): LogRecord[] {
    return this.#ring.last(id, count);
  }

  /** Starts to write files: to be called by whoever has the folder. */
  openFiles(): void {
    this.#store.open();
    process.on("exit", this.#atExit);
  }

  /** Starts to publish, what has been logged so far too. */
  publishBy(carrier: LineCarrier, subjects: Subjects): void {
    this.#publisher = new LogPublisher({ carrier, subjects });
    for (const [id, record] of this.#ring.all()) this.#publisher.push(id, record);
  }

  /** Publishes what waits, while there is a connection. */
  async endPublishing(): Promise<void> {
    const publisher = this.#publisher;
    this.#publisher = undefined;
    await publisher?.flush(LAST_LINES_MS);
  }

  /** Writes what waits. What is logged later is written when the process ends. */
  async stop(): Promise<void> {
    await this.#store.stop(LAST_LINES_MS);
  }
}
