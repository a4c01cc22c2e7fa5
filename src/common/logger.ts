// One logger for services and framework: levels, a service id, and a sink that decides where lines go.
import { inspectValue } from "./inspect.ts";

export const LOG_LEVELS = ["debug", "info", "warning", "error", "critical"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogRecord {
  /** Milliseconds since the epoch. */
  time: number;
  level: LogLevel;
  /** Who speaks: a service id, or `tcs` for the framework. */
  source: string;
  message: string;
  /** The service whose record this is, when `source` is a name it gave to a part of itself. */
  service?: string;
}

/** Where log records go. Must not throw. */
export type LogSink = (record: LogRecord) => void;

/** The level a configuration text names (`INFO`, `warn`, `CRITICAL` ...), or undefined. */
export function parseLogLevel(text: string): LogLevel | undefined {
  const lower = text.toLowerCase();
  if (lower === "warn") return "warning";
  if (lower === "fatal") return "critical";
  return LOG_LEVELS.find((level) => level === lower);
}

/** Whether `level` is `least` or worse. */
export function isAtLeast(level: LogLevel, least: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
}

/**
 * Writes log records for one source.
 * @example this.logger.info("dome at", azimuth, "deg");
 */
export class Logger {
  readonly source: string;
  level: LogLevel;
  readonly #sink: LogSink;

  constructor(source: string, sink: LogSink, level: LogLevel = "info") {
    this.source = source;
    this.level = level;
    this.#sink = sink;
  }

  debug(...parts: unknown[]): void {
    this.#write("debug", parts);
  }
  info(...parts: unknown[]): void {
    this.#write("info", parts);
  }
  warning(...parts: unknown[]): void {
    this.#write("warning", parts);
  }
  /** The same as `warning`. */
  warn(...parts: unknown[]): void {
    this.#write("warning", parts);
  }
  error(...parts: unknown[]): void {
    this.#write("error", parts);
  }
  critical(...parts: unknown[]): void {
    this.#write("critical", parts);
  }

  /** A logger to the same sink for another source. */
  child(source: string, level: LogLevel = this.level): Logger {
    return new Logger(source, this.#sink, level);
  }

  #write(level: LogLevel, parts: unknown[]): void {
    if (!isAtLeast(level, this.level)) return;
    this.#sink({ time: Date.now(), level, source: this.source, message: parts.map(formatPart).join(" ") });
  }
}

function formatPart(part: unknown): string {
  // An error is told in its message; at debug level callers pass error.stack themselves.
  if (part instanceof Error) return `${part.name}: ${part.message}`;
  return inspectValue(part);
}
