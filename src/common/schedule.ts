// When a periodic service is due: cron expressions with a time zone, or an interval.

export type Schedule =
  /** A cron expression of five fields, in an IANA time zone. */
  { kind: "cron"; expression: string; timeZone: string } | { kind: "every"; intervalMs: number };

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a text as `30s`, `1.5h`, `1h30m`, or of a number of seconds; undefined when it is neither. */
export function parseDuration(text: string): number | undefined {
  const compact = text.trim();
  if (/^\d+(\.\d+)?$/.test(compact)) return Number(compact) * 1000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d)\s*)+$/.test(compact)) return undefined;
  let total = 0;
  for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    // The expression admits no other unit.
    total += Number(amount) * UNITS[unit as keyof typeof UNITS];
  }
  return total;
}

/** Whether this is the name of a time zone, as `America/Santiago`. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    // RangeError: there is none of that name.
    return false;
  }
}

/** What is wrong with a cron expression or its time zone, or undefined. */
export function cronFault(expression: string, timeZone: string): string | undefined {
  try {
    return Bun.cron.parse(expression, new Date(), { tz: timeZone }) ? undefined : "it never comes round";
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return text.replace(/^Bun\.cron: |^Invalid cron expression: /, "").replace(/\. Bun\.cron uses .*/, " (expected 5)");
  }
}

/**
 * The first run after `after` (milliseconds since the epoch). A cron time that a change to summer time leaves out
 * comes when the clock has moved on; one that comes twice in autumn runs once.
 * @param from for intervals: when the interval began
 */
export function nextRun(schedule: Schedule, after: number, from = after): number | undefined {
  switch (schedule.kind) {
    case "cron":
      return Bun.cron.parse(schedule.expression, new Date(after), { tz: schedule.timeZone })?.getTime();
    case "every": {
      const { intervalMs } = schedule;
      return from + (Math.floor((after - from) / intervalMs) + 1) * intervalMs;
    }
    default:
      return schedule satisfies never;
  }
}

/** `1.5 s`, `90 s`, `2 m`, `36 h`, `7 d`: a whole number of the largest unit there is one of. */
function inLargestUnit(ms: number): string {
  const unit = (["d", "h", "m"] as const).find((one) => ms % UNITS[one] === 0) ?? "s";
  return `${ms / UNITS[unit]} ${unit}`;
}

/** For people and the wire: `every 30 s`, `0 12 * * * America/Santiago`. */
export function describeSchedule(schedule: Schedule): string {
  switch (schedule.kind) {
    case "cron":
      return `${schedule.expression} ${schedule.timeZone}`;
    case "every":
      return `every ${inLargestUnit(schedule.intervalMs)}`;
    default:
      return schedule satisfies never;
  }
}
