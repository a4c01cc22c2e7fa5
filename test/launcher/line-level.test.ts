// The level that a line of a foreign program names.
import { expect, test } from "bun:test";
import { levelOf } from "../../src/launcher/homes/line-level.ts";
import { cpuMsSince } from "../support/cpu.ts";

test.each<[string, ReturnType<typeof levelOf>]>([
  ["[INFO ] svc|guider.zb08: ready", "info"],
  ["[WARNING] svc: hot", "warning"],
  ["WARNING:root:hot", "warning"],
  ["ERROR no power", "error"],
  ["ERROR", "error"],
  ["2026-11-21 00:21:03,378 INFO  dome.main  open", "info"],
  ["2026-11-21T00:21:03.378Z [CRITICAL] fire", "critical"],
  ["2026-11-21 00:21:03,378 - dome.main - ERROR - stuck", "error"],
  ["[2026-11-21 00:21:03] FATAL: gone", "critical"],
  ["00:21:03 DEBUG x", "debug"],
  ["TRACE x", "debug"],
  ["WARN|x", "warning"],
  ["the dome reports ERROR 5", undefined],
  ["INFORMATION is power", undefined],
  ["ERROR_LIMIT=3", undefined],
  ["Traceback (most recent call last):", undefined],
  ["", undefined],
])("%p", (line, level) => {
  expect(levelOf(line)).toBe(level);
});

test("a long line is judged by its beginning, at once", () => {
  const startedAt = process.cpuUsage();
  for (const text of ["1 ".repeat(500_000), "a.".repeat(500_000), " ".repeat(1_000_000)])
    expect(levelOf(text)).toBeUndefined();
  expect(cpuMsSince(startedAt)).toBeLessThan(1_000);
});
