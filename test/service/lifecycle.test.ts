import { describe, expect, test } from "bun:test";
import {
  LIFECYCLE_METHODS,
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

test("waiting for what cannot come any more is refused at once", async () => {
  await expect(at("stopped").waitForState("running")).rejects.toThrow("the service stopped before it was running");
  await expect(at("failed").waitForState("stopped")).rejects.toThrow("the service failed before it was stopped");
});

test("waiting since a look sees what was entered and left after it, and nothing before it", async () => {
  const lifecycle = at("initialized");
  const look = lifecycle.steps;
  for (const state of ["starting", "started", "running"] as const) lifecycle.to(state);
  await lifecycle.waitForState("starting", { since: look });
  await expect(lifecycle.waitForState("initialized", { since: look, timeoutMs: 1 })).rejects.toThrow("still running");
  for (let i = 0; i < 100; i++) for (const state of ["failed", "stopping"] as const) lifecycle.to(state);
  expect(lifecycle.history.some(({ state }) => state === "starting")).toBe(false);
  await lifecycle.waitForState("starting", { since: look });
});

test("a wait longer than a timer can be does not end at once", async () => {
  const lifecycle = at("starting");
  const waiting = lifecycle.waitForState("started", { timeoutMs: 2 ** 40 });
  await Bun.sleep(5);
  lifecycle.to("started");
  expect(await waiting).toBeUndefined();
});

describe("observing a change", () => {
  test("is content when the state was entered, if only to be left again", async () => {
    const lifecycle = at("initialized");
    {
      await using starting = lifecycle.observeStateChange("starting");
      expect(starting.reached).toBe(false);
      lifecycle.to("starting");
      lifecycle.to("started");
      expect(starting.reached).toBe(true);
    }
    expect(lifecycle.state).toBe("started");
  });

  test("waits for it at the end of the block", async () => {
    const lifecycle = at("starting");
    {
      await using _ = lifecycle.observeStateChange("started");
      setTimeout(() => lifecycle.to("started"), 5);
    }
    expect(lifecycle.state).toBe("started");
  });

  test("rejects when the state was not reached, and does not take the present one for it", async () => {
    const observe = async (lifecycle: Lifecycle, state: LifecycleState) => {
      await using _ = lifecycle.observeStateChange(state, { timeoutMs: 1 });
    };
    await expect(observe(at("running"), "stopped")).rejects.toThrow("still running after 1 ms, expected stopped");
    await expect(observe(at("running"), "running")).rejects.toThrow(LifecycleError);
    await expect(observe(at("stopped"), "stopped")).rejects.toThrow(LifecycleError);
  });
});

describe("callbacks of a state", () => {
  test("are called at each entry, in the order of the steps, until they are taken back", () => {
    const lifecycle = at("initialized");
    const told: string[] = [];
    lifecycle.onState("starting", () => lifecycle.to("started"));
    lifecycle.onChange((state, previous) => void told.push(`${previous} > ${state}`));
    const end = lifecycle.onState("running", () => void told.push("it runs"));
    lifecycle.to("starting");
    expect(told).toEqual(["initialized > starting", "starting > started"]);
    end();
    lifecycle.to("running");
    expect(told).not.toContain("it runs");
  });

  test("that throw or reject keep neither the step nor the other callbacks from happening", async () => {
    const errors: unknown[] = [];
    const lifecycle = new Lifecycle({ onError: (error) => errors.push(String(error)) });
    const called: string[] = [];
    lifecycle.onState("initialized", () => {
      throw new Error("one");
    });
    lifecycle.onState("initialized", async () => {
      throw new Error("two");
    });
    lifecycle.onState("initialized", () => void called.push("three"));
    lifecycle.to("initialized");
    await Bun.sleep(0);
    expect({ state: lifecycle.state, errors, called }).toEqual({
      state: "initialized",
      errors: ["Error: one", "Error: two"],
      called: ["three"],
    });
  });
});

describe("the methods of a lifecycle", () => {
  test.each(["start", "run", "stop"] as const)("%s is refused from every state that it is not for", (method) => {
    const { progress, completed } = LIFECYCLE_METHODS[method];
    for (const state of LIFECYCLE_STATES) {
      const lifecycle = at(state);
      if ((VALID_FROM[progress] as readonly string[]).includes(state)) {
        lifecycle.begin(method);
        expect(lifecycle.state).toBe(progress);
        lifecycle.complete(method);
        expect(lifecycle.state).toBe(completed ?? progress);
      } else {
        expect(() => lifecycle.begin(method)).toThrow(`${method}() of a service that is ${state}`);
        expect(lifecycle.state).toBe(state);
      }
    }
  });
});

test("a new life has a new history; who waits for it is told", async () => {
  const lifecycle = at("stopped");
  const waiting = lifecycle.waitForState("initializing");
  lifecycle.to("initializing");
  await waiting;
  expect(lifecycle.history.map(({ state }) => state)).toEqual(["initializing"]);
  expect(lifecycle.ended).toBe(false);
});

test("a word that is no state is refused at once: it would be waited for for ever", async () => {
  const lifecycle = new Lifecycle();
  // As a program in JavaScript has it.
  const wrong = "runing" as LifecycleState;
  const words = '"runing" is no state of a service, expected initializing, ';
  await expect(lifecycle.waitForState(wrong)).rejects.toThrow(words);
  expect(() => lifecycle.onState(wrong, () => undefined)).toThrow(words);
  expect(() => lifecycle.observeStateChange(wrong)).toThrow(words);
});
