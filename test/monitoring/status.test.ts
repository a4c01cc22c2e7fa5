import { expect, test } from "bun:test";
import { aggregateStatus, isHealthy, isOperational, Status } from "../../src/monitoring/index.ts";

const cases: [Status[], Status][] = [
  [[], "unknown"],
  [["ok"], "ok"],
  [["ok", "idle"], "idle"],
  [["ok", "idle", "busy"], "busy"],
  [["busy", "shutdown"], "shutdown"],
  [["shutdown", "startup"], "startup"],
  [["startup", "degraded"], "degraded"],
  [["degraded", "warning"], "warning"],
  [["warning", "error"], "error"],
  [["error", "failed"], "failed"],
  [["ok", "unknown"], "warning"],
  [["unknown", "unknown"], "warning"],
  [["unknown", "failed"], "failed"],
  [["unknown", "busy"], "busy"],
];
for (const [statuses, aggregate] of cases) {
  test(`[${statuses}] together are ${aggregate}, in any order`, () => {
    expect(aggregateStatus(statuses)).toBe(aggregate);
    expect(aggregateStatus(statuses.toReversed())).toBe(aggregate);
  });
}

test("healthy and operational are what the protocol says", () => {
  const all = Object.values(Status);
  expect(all.filter(isHealthy)).toEqual(["ok", "idle", "busy", "degraded", "warning"]);
  expect(all.filter(isOperational)).toEqual(["startup", "ok", "idle", "busy", "degraded", "warning"]);
});
