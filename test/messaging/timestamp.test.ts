// Timestamps of the wire, which anybody may have written.
import { expect, test } from "bun:test";
import { fromWireTimestamp, toWireTimestamp } from "../../src/messaging/timestamp.ts";

test("a time reads as it was written, to the microsecond", () => {
  const time = Date.UTC(2026, 10, 20, 22, 3, 6, 372) + 0.125;
  expect(toWireTimestamp(time)).toEqual([2026, 11, 20, 22, 3, 6, 372_125]);
  expect(fromWireTimestamp(toWireTimestamp(time))).toBe(time);
});

test.each([
  ["a year that no date can have", [300_000, 1, 1, 0, 0, 0, 0]],
  ["one before all dates", [-300_000, 1, 1, 0, 0, 0, 0]],
  ["microseconds without end", [2026, 11, 20, 22, 3, 6, Number.MAX_VALUE]],
  ["a month that there is not", [2026, 13, 1, 0, 0, 0, 0]],
  ["too few parts", [2026, 11, 20]],
  ["text", "2026-11-20"],
])("%s is no time: whoever shows it would fail", (_what, value) => {
  expect(fromWireTimestamp(value)).toBeUndefined();
});
