// Times on the command line.
import { expect, test } from "bun:test";
import { readTime } from "../../src/cli/times.ts";

const NOW = Date.UTC(2026, 10, 21, 4, 0, 0);
const MINUTE_MS = 60_000;

test.each([
  ["10m", NOW - 10 * MINUTE_MS],
  ["1h30m", NOW - 90 * MINUTE_MS],
  ["0.5h", NOW - 30 * MINUTE_MS],
  ["2026-11-20", Date.UTC(2026, 10, 20)],
  ["2026-11-20 22:03", Date.UTC(2026, 10, 20, 22, 3)],
  ["2026-11-20T22:03:06.281", Date.UTC(2026, 10, 20, 22, 3, 6, 281)],
  ["2026-11-20T22:03+02:00", Date.UTC(2026, 10, 20, 20, 3)],
])("%s is a time", (text, time) => {
  expect(readTime(text, "--since", NOW)).toBe(time);
});

test("a span longer than time goes back ends where it begins", () => {
  expect(readTime("99999999w", "--since", NOW)).toBe(0);
});

test.each(["", "soon", "10", "m", "10y", "1.2.3h", "2026-13-01", "2026-02-30", "2026-02-29 22:00", "2026-11-20 25:00"])(
  "%p is none",
  (text) => {
    expect(() => readTime(text, "--since", NOW)).toThrow(`--since: given "${text}", expected a time span`);
  },
);
