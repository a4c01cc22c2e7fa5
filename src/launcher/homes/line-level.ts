// How grave a line of a foreign program is, by the word it gives its level with.
import type { LogLevel } from "../../common/logger.ts";

const LEVELS: Readonly<Record<string, LogLevel>> = {
  TRACE: "debug",
  DEBUG: "debug",
  INFO: "info",
  NOTICE: "info",
  WARN: "warning",
  WARNING: "warning",
  ERROR: "error",
  CRITICAL: "critical",
  FATAL: "critical",
};

/**
 * The word in capitals near the beginning, after a time, brackets, or the logger's name between dashes:
 * `[INFO ] svc: …`, `WARNING:root:…`, `2026-11-21 00:21:03,378 - dome - ERROR - …`.
 */
const PATTERN = new RegExp(
  `^[\\s\\d:.,/TZ+|()[\\]-]{0,48}(?:[\\w.]+ - )?(${Object.keys(LEVELS).join("|")})(?=[\\s\\]:|,)-]|$)`,
);

/** The level that `line` names, if it names one. */
export function levelOf(line: string): LogLevel | undefined {
  const word = PATTERN.exec(line)?.[1];
  return word === undefined ? undefined : LEVELS[word];
}
