import { describe, expect, test } from "bun:test";
import { cronFault, describeSchedule, nextRun, parseDuration } from "../../src/common/schedule.ts";

const at = (text: string) => Date.parse(text);
const cron = (expression: string, timeZone = "UTC") => ({ kind: "cron", expression, timeZone }) as const;
const every = (intervalMs: number) => ({ kind: "every", intervalMs }) as const;

describe("durations", () => {
  test.each([
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1h 30m", 5_400_000],
    ["0.5s", 500],
    ["250ms", 250],
    ["2d", 172_800_000],
    ["45", 45_000],
  ])("%p is %p ms", (text, ms) => expect(parseDuration(text)).toBe(ms));
  test.each(["", "soon", "5 weeks", "-3s", "3x", "s", "1m2"])("%p is none", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe("cron", () => {
  test.each([
    ["0 12 * * *", "UTC", "2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z"],
    ["0 12 * * *", "America/Santiago", "2026-11-20T00:00:00Z", "2026-11-20T15:00:00Z"],
    ["*/15 * * * *", "UTC", "2026-11-20T23:50:00Z", "2026-11-21T00:00:00Z"],
    // 02:30 does not exist on the night the clocks go forward, and exists twice when they go back.
    ["30 2 * * *", "Europe/Warsaw", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"],
    ["30 2 * * *", "Europe/Warsaw", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"],
    ["30 2 * * *", "Europe/Warsaw", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
  ])("%p in %p after %p is %p", (expression, zone, after, next) => {
    expect(nextRun(cron(expression, zone), at(after))).toBe(at(next));
  });
  test.each([
    ["0 12 * * *", "UTC", undefined],
    ["61 * * * *", "UTC", "value out of range for field"],
    ["* * * * *", "Mars/Base", "unknown time zone 'Mars/Base'"],
    ["*/5 * * * * *", "UTC", "too many fields (expected 5)"],
    ["0 0 30 2 *", "UTC", "it never comes round"],
  ])("what is wrong with %p in %p: %p", (expression, zone, fault) => {
    expect(cronFault(expression, zone)).toBe(fault);
  });
});

describe("intervals", () => {
  test.each([
    [500, "every 0.5 s"],
    [90_000, "every 90 s"],
    [60_000, "every 1 m"],
    [7_200_000, "every 2 h"],
    [129_600_000, "every 36 h"],
    [1_209_600_000, "every 14 d"],
  ])("of %d ms are told as %s", (intervalMs, told) => expect(describeSchedule(every(intervalMs))).toBe(told));

  test("keep to the beat of their beginning", () => {
    expect(nextRun(every(1000), 10_000, 10_000)).toBe(11_000);
    expect(nextRun(every(1000), 13_700, 10_000)).toBe(14_000);
    expect(nextRun(every(1000), 14_000, 10_000)).toBe(15_000);
  });
  test("keep to it also before their beginning, when the clock was set back", () => {
    expect(nextRun(every(1000), 5_400, 10_000)).toBe(6_000);
  });
});
