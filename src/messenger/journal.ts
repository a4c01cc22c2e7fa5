// The journal: lines for people, as operators read them in the night. Subjects and forms are those of the Python package.
import { describeError } from "../common/errors.ts";
import type { Json, JsonObject } from "../common/json.ts";
import type { LogLevel, LogRecord, LogSink } from "../common/logger.ts";
import { LOG_LEVELS } from "../common/logger.ts";
import { randomToken } from "../messaging/envelope.ts";
import { fromWireTimestamp, toWireTimestamp, type WireTimestamp } from "../messaging/timestamp.ts";
import { checkOneOf } from "./arguments.ts";
import { Publisher } from "./publisher.ts";
import { Reader, type ReaderOptions } from "./reader.ts";
import type { Schema } from "./schema.ts";
import type { Wire } from "./wire.ts";

/** Levels of the journal: those of the log, and `notice` between info and warning. */
export type JournalLevel = LogLevel | "notice";

/** The numbers that levels have on the wire. */
export const JOURNAL_LEVELS = {
  debug: 10,
  info: 20,
  notice: 25,
  warning: 30,
  error: 40,
  critical: 50,
} as const satisfies Record<JournalLevel, number>;

/** An entry as it is on the wire. */
export interface JournalEntry {
  /** Names the entry: what is said of it later names it too. */
  conversation_id: string;
  /** See JOURNAL_LEVELS; others are allowed. */
  level: number;
  /** One line. */
  message: string;
  timestamp: WireTimestamp;
  op: string;
  explanation?: string;
  icon?: string;
  /** What a user may do about it. */
  actions?: string[];
}

export interface JournalOptions {
  /** More words than fit a line. */
  explanation?: string;
  /** An emoji, as 🔑. */
  icon?: string;
  /** What a user may do about it, as `acknowledge`. */
  actions?: string[];
  /** When it happened; default now. */
  timestamp?: Date;
}

/**
 * Writes a journal. Made by `messenger.getJournalPublisher`. Nobody has to wait: entries are kept while the broker is away.
 * What goes wrong is counted in `healthStatus`, and logged.
 * @example
 * ```ts
 * import { Messenger } from "ocabox-tcs/messenger";
 * await using messenger = await Messenger.open();
 * const journal = messenger.getJournalPublisher("journal.dome");
 * journal.warning("the slit closes", { explanation: "wind of 15 m/s", icon: "💨" });
 * ```
 */
export class JournalPublisher extends Publisher<JournalEntry> {
  constructor(wire: Wire, subject: string) {
    super(wire, subject, {}, "journal");
  }

  /** @param level a name, or a number as Python has them */
  log(level: JournalLevel | number, message: string, options: JournalOptions = {}): JournalEntry {
    const { explanation, icon, actions, timestamp } = options;
    if (typeof level !== "number") checkOneOf(`${this.subject}: the level`, level, Object.keys(JOURNAL_LEVELS));
    const entry: JournalEntry = {
      conversation_id: `journal${randomToken(10)}`,
      level: typeof level === "number" ? Math.round(level) : JOURNAL_LEVELS[level],
      // No text in JavaScript, perhaps: no reader would take it.
      message: typeof message === "string" ? message : describeError(message),
      timestamp: toWireTimestamp(timestamp?.getTime()),
      ...(explanation ? { explanation } : {}),
      ...(icon ? { icon } : {}),
      ...(actions && actions.length > 0 ? { actions } : {}),
      op: "publish",
    };
    this.tell(entry, { message_type: "journal.publish" });
    return entry;
  }

  debug(message: string, options?: JournalOptions): JournalEntry {
    return this.log("debug", message, options);
  }
  info(message: string, options?: JournalOptions): JournalEntry {
    return this.log("info", message, options);
  }
  notice(message: string, options?: JournalOptions): JournalEntry {
    return this.log("notice", message, options);
  }
  warning(message: string, options?: JournalOptions): JournalEntry {
    return this.log("warning", message, options);
  }
  error(message: string, options?: JournalOptions): JournalEntry {
    return this.log("error", message, options);
  }
  critical(message: string, options?: JournalOptions): JournalEntry {
    return this.log("critical", message, options);
  }

  /**
   * Where a Logger may write: its records become entries, as `NatsJournalLoggingHandler` makes them of Python's.
   * @param least records below are left out; default `info`
   * @example const logger = new Logger("dome", messenger.getJournalPublisher("journal.dome").sink());
   */
  sink(least: LogLevel = "info"): LogSink {
    return ({ level, source, message, time }: LogRecord) => {
      if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
      this.log(level, `${source}: ${message}`, { timestamp: new Date(time) });
    };
  }
}

/** Reads a journal. Made by `messenger.getJournalReader`. */
export class JournalReader extends Reader<JournalEntry> {
  constructor(wire: Wire, subject: string, options: Omit<ReaderOptions, "schema"> = {}) {
    super(wire, subject, { deliverPolicy: "new", ...options, schema: ENTRY }, "journal-reader");
  }
}

const ENTRY: Schema<JournalEntry> = {
  "~standard": {
    validate(value) {
      // Messages are JSON objects before a schema sees them.
      const data = value as JsonObject;
      const { conversation_id, level, message, timestamp, op = "publish" } = data;
      const time = fromWireTimestamp(timestamp);
      const isEntry =
        typeof conversation_id === "string" &&
        typeof level === "number" &&
        typeof message === "string" &&
        typeof op === "string";
      if (!isEntry || time === undefined) return { issues: [{ message: "it is no entry of a journal" }] };
      return {
        value: {
          conversation_id,
          level,
          message,
          timestamp: toWireTimestamp(time),
          op,
          ...textAt(data, "explanation"),
          ...textAt(data, "icon"),
          ...(isTexts(data.actions) ? { actions: data.actions } : {}),
        },
      };
    },
  },
};

function textAt<K extends string>(data: JsonObject, key: K): { [P in K]?: string } {
  const value = data[key];
  // A key of this very name, which TypeScript does not see.
  return (typeof value === "string" ? { [key]: value } : {}) as { [P in K]?: string };
}

function isTexts(value: Json | undefined): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
