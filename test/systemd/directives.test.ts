import { describe, expect, test } from "bun:test";
import type { RestartSettings } from "../../src/config/types.ts";
import {
  orderDirectives,
  restartDirectives,
  startLimitDirectives,
  stopDirectives,
  stopRounds,
  watchdogDirectives,
} from "../../src/systemd/units/index.ts";

const RESTART: RestartSettings = {
  policy: "always",
  delayMs: 5000,
  backoff: 1,
  maxDelayMs: 60_000,
  max: 0,
  windowMs: 60_000,
};
const restart = (settings: Partial<RestartSettings>, version?: number) =>
  Object.fromEntries(restartDirectives({ ...RESTART, ...settings }, version));

describe("restart", () => {
  test.each(["no", "always"] as const)("%s has the same name", (policy) => {
    expect(restart({ policy })).toEqual({ Restart: policy, RestartSec: "5s" });
  });

  test("on-failure counts an end by a signal that nobody here has sent as one, too", () => {
    expect(restart({ policy: "on-failure" })).toEqual({
      Restart: "on-failure",
      RestartSec: "5s",
      RestartForceExitStatus: "129 130 143 SIGHUP SIGINT SIGTERM SIGPIPE",
    });
  });

  test("on-abnormal counts codes above 128 as one", () => {
    const codes = restart({ policy: "on-abnormal" }).RestartForceExitStatus?.split(" ") ?? [];
    expect(codes.filter((code) => /^\d+$/.test(code)).map(Number)).toEqual(
      Array.from({ length: 127 }, (_, nth) => nth + 129),
    );
  });

  test("a delay that grows is told where systemd knows how, from 254 on", () => {
    const growing = { delayMs: 1000, backoff: 2, maxDelayMs: 60_000 };
    expect(restart(growing, 254)).toMatchObject({ RestartSteps: "6", RestartMaxDelaySec: "60s" });
    for (const version of [252, 253, undefined]) expect(restart(growing, version)).not.toHaveProperty("RestartSteps");
    expect(restart({ ...growing, backoff: 1 }, 256)).not.toHaveProperty("RestartSteps");
    expect(restart({ ...growing, delayMs: 0 }, 256)).not.toHaveProperty("RestartSteps");
  });

  test("so many restarts in a window are one more start; 0 is without limit", () => {
    expect(startLimitDirectives({ max: 3, windowMs: 120_000 })).toEqual([
      ["StartLimitIntervalSec", "120s"],
      ["StartLimitBurst", "4"],
    ]);
    expect(startLimitDirectives({ max: 0, windowMs: 60_000 })).toEqual([["StartLimitIntervalSec", "0"]]);
  });
});

test("a watchdog is asked for where the configuration asks for one", () => {
  expect(watchdogDirectives({ watchdogMs: 2500 })).toEqual([["WatchdogSec", "2500ms"]]);
  expect(watchdogDirectives({ watchdogMs: 0 })).toEqual([]);
  expect(watchdogDirectives({})).toEqual([]);
});

test("systemd waits a little longer than tcs, and signals the main process alone", () => {
  expect(stopDirectives(10_000)).toEqual([
    ["TimeoutStopSec", "15s"],
    ["KillMode", "mixed"],
  ]);
});

test("after: is an order, and a wish, of those that are units", () => {
  const unitOf = (id: string) => (id === "tick.main" ? undefined : `tcs@${id}.service`);
  expect(orderDirectives({ after: ["dome.main", "tick.main"] }, unitOf)).toEqual([
    ["After", "tcs@dome.main.service"],
    ["Wants", "tcs@dome.main.service"],
  ]);
  expect(orderDirectives({ after: [] }, unitOf)).toEqual([]);
});

test("the longest chain of after: stops in so many rounds", () => {
  const row = (id: string, ...after: string[]) => ({ id, after });
  expect(stopRounds([])).toBe(1);
  expect(stopRounds([row("a"), row("b"), row("c")])).toBe(1);
  expect(stopRounds([row("a"), row("b", "a"), row("c", "b", "a"), row("d", "elsewhere")])).toBe(3);
  expect(stopRounds([row("a", "b"), row("b", "a")])).toBeLessThan(4);
});
