// What `tcs logs` is asked for: words and options, made exact.
import { isNamed, matches } from "../../client/select.ts";
import { UsageError } from "../../common/errors.ts";
import { LOG_LEVELS, type LogLevel, parseLogLevel } from "../../common/logger.ts";
import { nearest } from "../../common/nearest.ts";
import type { LogFilter } from "../../logs/filter.ts";
import { parseCount } from "../numbers.ts";

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
const UNITS_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

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

/** `10m`, `1h30m`, `2d` ago; or a time as the log shows it, in UTC unless it says otherwise. */
export function readTime(text: string | undefined, option: string, now: number): number | undefined {
  if (text === undefined) return undefined;
  const span = /^(?:\d+(?:\.\d+)?[smhdw])+$/.test(text) ? text.matchAll(/([\d.]+)([smhdw])/g) : undefined;
  if (span) return now - [...span].reduce((sum, [, n, unit = "s"]) => sum + Number(n) * (UNITS_MS[unit] ?? 0), 0);
  const iso = text.trim().replace(" ", "T");
  const isUtc = /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(iso);
  const time = /^\d{4}-\d\d-\d\d/.test(iso) ? Date.parse(isUtc ? `${iso}Z` : iso) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new UsageError(
      `${option}: given "${text}", expected a time span (10m, 1h30m, 2d) or a time (2026-11-20 22:03)`,
    );
  }
  return time;
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

/** Whether `id` is meant by `word`: the id itself, its type or variant, a pattern with `*` and `?`, or `tcs` for launchers. */
export function isMeant(id: string, word: string): boolean {
  if (word === "tcs") return id.startsWith("launcher.");
  if (/[*?]/.test(word)) return matches(word, id);
  return isNamed(id, word);
}

/** Whether `id` is meant by any of `words`; no words mean everything. */
export function isSelected(id: string, words: readonly string[]): boolean {
  return words.length === 0 || words.some((word) => isMeant(id, word));
}
