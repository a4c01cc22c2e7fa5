import { describe, expect, test } from "bun:test";
import {
  LIFECYCLE_STATES,
  Lifecycle,
  LifecycleError,
  type LifecycleState,
  VALID_FROM,
} from "../../src/service/lifecycle/index.ts";

/** The shortest way into each state. */
const PATHS: Record<LifecycleState, LifecycleState[]> = {
  initializing: [],
  initialized: ["initialized"],
  starting: ["initialized", "starting"],
  started: ["initialized", "starting", "started"],
  running: ["initialized", "starting", "started", "running"],
  stopping: ["stopping"],
  stopped: ["stopping", "stopped"],
  failed: ["failed"],
};

function at(state: LifecycleState): Lifecycle {
  const lifecycle = new Lifecycle();
  for (const step of PATHS[state]) lifecycle.to(step);
  return lifecycle;
}

describe("every pair of states", () => {
  for (const from of LIFECYCLE_STATES) {
    for (const next of LIFECYCLE_STATES) {
      const allowed = (VALID_FROM[next] as readonly string[]).includes(from);
      test(`${from} -> ${next} is ${allowed ? "allowed" : "refused"}`, () => {
        const lifecycle = at(from);
        expect(lifecycle.can(next)).toBe(allowed);
        if (allowed) {
          lifecycle.to(next);
          expect(lifecycle.state).toBe(next);
        } else {
          expect(() => lifecycle.to(next)).toThrow(LifecycleError);
          expect(lifecycle.state).toBe(from);
        }
      });
    }
  }
});

test("history tells each state with monotonic times, and is bounded", () => {
  const lifecycle = at("running");
  expect(lifecycle.history.map((step) => step.state)).toEqual(["initializing", ...PATHS.running]);
  const times = lifecycle.history.map((step) => step.atMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  for (let i = 0; i < 200; i++) {
    lifecycle.to("failed");
    lifecycle.to("stopping");
  }
  expect(lifecycle.history.length).toBe(100);
});

test("waiting sees a state that is entered and left at once", async () => {
  const lifecycle = at("initialized");
  const waiting = lifecycle.waitForState("starting");
  lifecycle.to("starting");
  lifecycle.to("started");
  await waiting;
  expect(lifecycle.state).toBe("started");
});

test("waiting is over at once for the present state", async () => {
  await at("running").waitForState("running", { timeoutMs: 0 });
  expect(at("running").ended).toBe(false);
});

test("waiting rejects when the service ends otherwise, and after its time", async () => {
  const failing = at("starting");
  const waiting = failing.waitForState("running");
  failing.to("failed");
  await expect(waiting).rejects.toThrow("failed before it was running");
  await expect(at("starting").waitForState("running", { timeoutMs: 1 })).rejects.toThrow("still starting after 1 ms");
});
