// Times on the command line: a while ago, or as the log shows them.
import { UsageError } from "../common/errors.ts";

const UNITS_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * `10m`, `1h30m`, `2d` ago; or a time as the log shows it, in UTC unless it says otherwise.
 * @returns milliseconds since the epoch
 * @throws UsageError when `text` is given and neither
 */
export function readTime(text: string | undefined, option: string, now: number): number | undefined {
  if (text === undefined) return undefined;
  const span = /^(?:\d+(?:\.\d+)?[smhdw])+$/.test(text) ? text.matchAll(/([\d.]+)([smhdw])/g) : undefined;
  if (span) {
    const agoMs = [...span].reduce((sum, [, n, unit = "s"]) => sum + Number(n) * (UNITS_MS[unit] ?? 0), 0);
    // Before the epoch there is nothing, and further back no date at all.
    return Math.max(0, now - agoMs);
  }
  const iso = text.trim().replace(" ", "T");
  const isUtc = /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(iso);
  const time = isDay(iso.slice(0, 10)) ? Date.parse(isUtc ? `${iso}Z` : iso) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new UsageError(
      `${option}: given "${text}", expected a time span (10m, 1h30m, 2d) or a time (2026-11-20 22:03)`,
    );
  }
  return time;
}

/** Whether there is such a day: the engine takes the 30th of February for the 2nd of March. */
function isDay(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
