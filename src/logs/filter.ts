// Which lines are wanted: by level and by time.
import { isAtLeast, type LogLevel, type LogRecord } from "../common/logger.ts";

export interface LogFilter {
  /** This level and worse. */
  least?: LogLevel;
  /** Milliseconds since the epoch. */
  since?: number;
  until?: number;
}

export function isWanted({ time, level }: LogRecord, { least, since, until }: LogFilter): boolean {
  if (least !== undefined && !isAtLeast(level, least)) return false;
  return (since === undefined || time >= since) && (until === undefined || time <= until);
}
