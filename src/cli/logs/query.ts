// What `tcs logs` is asked for: its options, made exact.
import { UsageError } from "../../common/errors.ts";
import { LOG_LEVELS, type LogLevel, parseLogLevel } from "../../common/logger.ts";
import { nearest } from "../../common/nearest.ts";
import type { LogFilter } from "../../logs/filter.ts";
import { parseCount } from "../numbers.ts";
import { readTime } from "../times.ts";

export interface LogArgs {
  since?: string | undefined;
  until?: string | undefined;
  level?: string | undefined;
  lines?: string | undefined;
  follow?: boolean | undefined;
}

export interface LogQuery {
  filter: LogFilter;
  /** Lines to show, the last. */
  count: number;
  /** The count was asked for: that there are more is no news. */
  isCountGiven: boolean;
}

const LINES = 100;
/** With --since all are wanted; but they must fit the memory. */
export const MOST_LINES = 100_000;

/** @throws UsageError */
export function readQuery(args: LogArgs, now: number): LogQuery {
  const since = readTime(args.since, "--since", now);
  const until = readTime(args.until, "--until", now);
  if (until !== undefined && args.follow) throw new UsageError("--until and --follow exclude each other");
  const least = readLevel(args.level);
  return {
    filter: {
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...(least === undefined ? {} : { least }),
    },
    count: parseCount(args.lines, "--lines", MOST_LINES) ?? (since === undefined ? LINES : MOST_LINES),
    isCountGiven: args.lines !== undefined || since === undefined,
  };
}

function readLevel(text: string | undefined): LogLevel | undefined {
  if (text === undefined) return undefined;
  const level = parseLogLevel(text);
  if (level) return level;
  const near = nearest(text, LOG_LEVELS);
  throw new UsageError(`--level: given "${text}", expected one of ${LOG_LEVELS.join(", ")}`, {
    ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
  });
}
