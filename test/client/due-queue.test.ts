import { expect, test } from "bun:test";
import { DueQueue } from "../../src/client/due-queue.ts";

test("what is due is taken out in order, each once", () => {
  const queue = new DueQueue();
  for (let i = 0; i < 1_000; i++) queue.plan(`n${i}`, (i * 7_919) % 1_000);
  expect([...queue.take(499)]).toHaveLength(500);
  expect([...queue.take(499)]).toEqual([]);
  const times = [...queue.take(2_000)].map((id) => (Number(id.slice(1)) * 7_919) % 1_000);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times).toHaveLength(500);
  expect(queue.size).toBe(0);
});

test("an earlier time takes the place of a later one, not the other way round", () => {
  const queue = new DueQueue();
  queue.plan("a", 50);
  queue.plan("a", 20);
  queue.plan("a", 90);
  queue.plan("b", Number.POSITIVE_INFINITY);
  expect([...queue.take(19)]).toEqual([]);
  expect([...queue.take(1_000)]).toEqual(["a"]);
});

test("what was forgotten is not due", () => {
  const queue = new DueQueue();
  queue.plan("a", 1);
  queue.forget("a");
  expect([...queue.take(10)]).toEqual([]);
});

test("times that were overtaken over and over leave nothing behind", () => {
  const queue = new DueQueue();
  for (let i = 100_000; i > 0; i--) queue.plan("a", i);
  expect([...queue.take(200_000)]).toEqual(["a"]);
});
