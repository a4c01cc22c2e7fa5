// What a service answers to health and stats.
import { expect, test } from "bun:test";
import { renderStats } from "../../../src/cli/display/health.ts";

test("values of any script stand below each other", () => {
  const answer = {
    service_id: "dome.main",
    uptime_seconds: 62,
    stats: { counters: { rpc: 3 }, wind: "3 m/s, 温度\u001b[2J" },
  };
  const options = { color: false, unicode: true, width: 80, now: 0 };
  expect(renderStats(answer, options)).toEqual([
    "dome.main, up 1 m 2 s",
    "    counters.rpc  3",
    "    wind          3 m/s, 温度",
  ]);
});
