// Restarts, by the order in which they come and what must not wait. Times are short, and only ever least times.
import { expect, test } from "bun:test";
import { RestartTurns } from "../../src/launcher/restart-turns.ts";
import { waitFor } from "../support/wait.ts";

const SHORT_MS = 1000;
/** A life too short to start again at once, and one that is not. */
const BRIEF = 10;
const LONG = 1000;

/** Services that restart, by name; each leaves its turn when told to. */
function crowd(options: { pauseMs?: number; longestMs?: number } = {}) {
  const turns = new RestartTurns({ shortMs: SHORT_MS, pauseMs: 1, longestMs: 60_000, ...options });
  const started: string[] = [];
  const leave = new Map<string, () => void>();
  return {
    started,
    restart(name: string, livedMs: number, delayMs = 0) {
      leave.set(
        name,
        turns.restart(delayMs, livedMs, () => started.push(name)),
      );
    },
    leave: (name: string) => leave.get(name)?.(),
    hasStarted: (count: number) => waitFor(`${count} starts`, () => started.length >= count),
  };
}

test("services that crash soon after their start start again one at a time, first come, first served", async () => {
  const { restart, started, leave, hasStarted } = crowd();
  for (const name of ["a", "b", "c"]) restart(name, BRIEF);
  await hasStarted(1);
  // More than the pause: b has had every chance.
  await Bun.sleep(20);
  expect(started).toEqual(["a"]);
  leave("a");
  await hasStarted(2);
  restart("a", BRIEF);
  await Bun.sleep(20);
  expect(started).toEqual(["a", "b"]);
  leave("b");
  await hasStarted(3);
  leave("c");
  await hasStarted(4);
  expect(started).toEqual(["a", "b", "c", "a"]);
});

test("a service that ran for a while before it ended does not wait for those that crash", async () => {
  const { restart, started, hasStarted } = crowd();
  restart("crashing", BRIEF);
  restart("crashing too", BRIEF);
  await hasStarted(1);
  restart("well until now", LONG);
  await hasStarted(2);
  expect(started).toEqual(["crashing", "well until now"]);
});

test("a turn comes after the service's own delay, and does not reserve a place before", async () => {
  const { restart, started, leave, hasStarted } = crowd();
  restart("patient", BRIEF, 40);
  restart("eager", BRIEF);
  await hasStarted(1);
  leave("eager");
  await hasStarted(2);
  expect(started).toEqual(["eager", "patient"]);
});

test("a service that is stopped while it waits loses its place, and the next is not held up", async () => {
  const { restart, started, leave, hasStarted } = crowd();
  for (const name of ["a", "stopped", "c"]) restart(name, BRIEF);
  restart("stopped in its delay", BRIEF, 5);
  leave("stopped in its delay");
  await hasStarted(1);
  leave("stopped");
  leave("a");
  await hasStarted(2);
  leave("c");
  await Bun.sleep(20);
  expect(started).toEqual(["a", "c"]);
});

test("one that is stopped in its turn, or leaves twice, gives the turn to one other only", async () => {
  const { restart, started, leave, hasStarted } = crowd();
  for (const name of ["a", "b", "c"]) restart(name, BRIEF);
  await hasStarted(1);
  leave("a");
  leave("a");
  await hasStarted(2);
  leave("a");
  await Bun.sleep(20);
  expect(started).toEqual(["a", "b"]);
});

test("a start that takes its time does not hold up the others for longer than a turn may last", async () => {
  const { restart, started, hasStarted } = crowd({ longestMs: 5 });
  for (const name of ["slow", "b", "c"]) restart(name, BRIEF);
  await hasStarted(3);
  expect(started).toEqual(["slow", "b", "c"]);
});

test("between two turns there is a pause, at least as long as the turn before it", async () => {
  const { restart, leave, hasStarted } = crowd();
  restart("a", BRIEF);
  restart("b", BRIEF);
  await hasStarted(1);
  const began = performance.now();
  await Bun.sleep(50);
  const turnMs = performance.now() - began;
  leave("a");
  const left = performance.now();
  await hasStarted(2);
  // Timers are true to a millisecond.
  expect(performance.now() - left).toBeGreaterThanOrEqual(turnMs - 2);
});

test("a service that crashes alone waits for nothing but its delay", async () => {
  const { restart, started, hasStarted } = crowd({ pauseMs: 60_000 });
  restart("alone", BRIEF);
  await hasStarted(1);
  expect(started).toEqual(["alone"]);
});
