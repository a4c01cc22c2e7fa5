import { describe, expect, test } from "bun:test";
import { RESTART_POLICIES, type RestartPolicy } from "../../src/config/types.ts";
import {
  decideRestart,
  describeDelay,
  exitKind,
  restartDelayMs,
  restartsAfterRun,
} from "../../src/launcher/restart-policy.ts";

const settings = (policy: RestartPolicy, max = 0) => ({
  policy,
  delayMs: 5000,
  max,
  windowMs: 60_000,
  backoff: 1,
  maxDelayMs: 300_000,
});

describe("kinds of exit", () => {
  test.each([
    [0, "clean"],
    [1, "failure"],
    [2, "failure"],
    [128, "failure"],
    [129, "abnormal"],
    [139, "abnormal"],
    [-9, "abnormal"],
    [-15, "abnormal"],
  ] as const)("code %p is %p", (code, kind) => expect(exitKind(code)).toBe(kind));
});

describe("policy by kind of exit", () => {
  const expected: Record<RestartPolicy, [clean: boolean, failure: boolean, abnormal: boolean]> = {
    no: [false, false, false],
    "on-failure": [false, true, true],
    "on-abnormal": [false, false, true],
    always: [true, true, true],
  };
  for (const policy of RESTART_POLICIES) {
    for (const [index, code] of [0, 1, -9].entries()) {
      const restarts = expected[policy][index];
      test(`${policy}, code ${code}: ${restarts ? "restarts" : "ends"}`, () => {
        const decision = decideRestart({ settings: settings(policy), code, restarts: [], nowMs: 0 });
        expect(decision.restart).toBe(Boolean(restarts));
      });
    }
  }
});

describe("the limit", () => {
  const at = (nowMs: number, restarts: number[]) =>
    decideRestart({ settings: settings("always", 3), code: 1, restarts, nowMs });

  test("counts restarts within the window only", () => {
    expect(at(70_000, [1000, 20_000, 30_000])).toEqual({ restart: true, delayMs: 5000, attempt: 4 });
    expect(at(50_000, [1000, 20_000, 30_000])).toEqual({ restart: false, reason: "limit", restarts: 3 });
  });
  test("0 is unlimited", () => {
    const many = Array.from({ length: 1000 }, (_, index) => index);
    const decision = decideRestart({ settings: settings("always"), code: 1, restarts: many, nowMs: 1000 });
    expect(decision).toEqual({ restart: true, delayMs: 5000, attempt: 1001 });
  });
  test("a policy that does not cover the exit is told before the limit", () => {
    const decision = decideRestart({ settings: settings("on-failure", 1), code: 0, restarts: [1], nowMs: 2 });
    expect(decision).toEqual({ restart: false, reason: "policy" });
  });
});

describe("the delay", () => {
  const growing = { ...settings("always"), delayMs: 1000, backoff: 2, maxDelayMs: 10_000 };

  test.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [4, 8000],
    [5, 10_000],
    [50, 10_000],
  ])("before restart %p in a row is %p ms, growing up to the longest", (attempt, delayMs) => {
    expect(restartDelayMs(growing, attempt, 0)).toBe(delayMs);
  });
  test("has up to a tenth of jitter when it grows, never above the longest", () => {
    expect(restartDelayMs(growing, 2, 1)).toBe(2200);
    expect(restartDelayMs(growing, 5, 1)).toBe(10_000);
    for (let i = 0; i < 100; i++) {
      expect(restartDelayMs(growing, 3)).toBeWithin(4000, 4401);
    }
  });
  test("is constant and exact without a factor", () => {
    expect(restartDelayMs(settings("always"), 9)).toBe(5000);
    expect(restartDelayMs({ ...settings("always"), delayMs: 0 }, 9)).toBe(0);
  });
  test("begins anew after a healthy time as long as the window", () => {
    expect(restartsAfterRun([1, 2, 3], 59_999, growing)).toEqual([1, 2, 3]);
    expect(restartsAfterRun([1, 2, 3], 60_000, growing)).toEqual([]);
  });
});

test("a delay is told in words", () => {
  expect([0, 40, 200, 5000].map((delayMs) => describeDelay(delayMs))).toEqual([
    "restarts at once",
    "restarts at once",
    "restarts in 0.2 s",
    "restarts in 5.0 s",
  ]);
  expect([describeDelay(0, 1), describeDelay(200, 7)]).toEqual([
    "restarts after 1 other that crashes",
    "restarts in 0.2 s, after 7 others that crash",
  ]);
});
