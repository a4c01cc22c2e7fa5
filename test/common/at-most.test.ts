// Waiting with a limit.
import { expect, test } from "bun:test";
import { atMost, settlesIn } from "../../src/common/at-most.ts";

const never = new Promise<void>(() => undefined);

test("work that ends in time was in time", async () => {
  expect(await atMost(60_000, Promise.resolve("done"))).toBe(true);
});

test("work that takes longer is not waited for", async () => {
  expect(await atMost(5, never)).toBe(false);
});

test("a limit that is over already is no reason to wait", async () => {
  expect(await atMost(-1, never)).toBe(false);
});

test("an error that comes in time goes on", async () => {
  await expect(atMost(60_000, Promise.reject(new Error("the dome is stuck")))).rejects.toThrow("the dome is stuck");
});

test("an error that comes too late is nobody's", async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  expect(await atMost(5, promise)).toBe(false);
  reject(new Error("late"));
  // An unhandled rejection would fail the test in this turn of the loop.
  await Bun.sleep(1);
});

test("work that may fail has settled in time, whatever came of it", async () => {
  expect(await settlesIn(60_000, Promise.reject(new Error("the dome is stuck")))).toBe(true);
  expect(await settlesIn(5, never)).toBe(false);
});
