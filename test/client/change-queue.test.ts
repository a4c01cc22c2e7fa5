import { expect, test } from "bun:test";
import type { FleetChange } from "../../src/client/change.ts";
import { ChangeQueue } from "../../src/client/change-queue.ts";
import { FakeFleet } from "./fleet.ts";

const info = new FakeFleet().healthy("a.a").info("a.a");
const change = (type: FleetChange["type"], serviceId: string, pid: number, previous?: number): FleetChange => ({
  type,
  service: { ...info, serviceId, pid },
  ...(previous === undefined ? {} : { previous: { ...info, serviceId, pid: previous } }),
});
const line = ({ type, service, previous }: FleetChange) =>
  `${type} ${service.serviceId} ${previous?.pid ?? "-"}>${service.pid}`;

async function drained(queue: ChangeQueue): Promise<string[]> {
  queue.end();
  const lines: string[] = [];
  for await (const told of queue) lines.push(line(told));
  return lines;
}

test("changes come in order, those that came while one was read too", async () => {
  const queue = new ChangeQueue();
  queue.push(change("known", "a.a", 1));
  const lines: string[] = [];
  for await (const told of queue) {
    lines.push(line(told));
    if (lines.length === 1) queue.push(change("stop", "a.a", 2, 1));
    if (lines.length === 2) queue.end();
  }
  expect(lines).toEqual(["known a.a ->1", "stop a.a 1>2"]);
});

test("updates of one service that follow each other become one; starts and stops stay", async () => {
  const queue = new ChangeQueue();
  queue.push(change("update", "a.a", 2, 1));
  queue.push(change("update", "b.b", 1));
  queue.push(change("update", "a.a", 3, 2));
  queue.push(change("stop", "a.a", 4, 3));
  queue.push(change("start", "a.a", 5, 4));
  queue.push(change("update", "a.a", 6, 5));
  queue.push(change("update", "a.a", 7, 6));
  expect(await drained(queue)).toEqual([
    "update a.a 1>3",
    "update b.b ->1",
    "stop a.a 3>4",
    "start a.a 4>5",
    "update a.a 5>7",
  ]);
});

test("what waits for a reader that never comes is bounded, and right in the end", async () => {
  const queue = new ChangeQueue();
  for (let round = 0; round < 40_000; round++) {
    queue.push(change("stop", `a.${round % 7}`, round, round - 1));
    queue.push(change("start", `a.${round % 7}`, round + 1, round));
  }
  const lines = await drained(queue);
  expect(lines.length).toBeLessThan(50_001);
  expect(lines.slice(-1)).toEqual(["start a.1 39999>40000"]);
});

test("an error comes after what waits", async () => {
  const queue = new ChangeQueue();
  queue.push(change("known", "a.a", 1));
  queue.end(new Error("the connection is closed"));
  const lines: string[] = [];
  const reading = (async () => {
    for await (const told of queue) lines.push(line(told));
  })();
  expect(reading).rejects.toThrow("the connection is closed");
  await reading.catch(() => undefined);
  expect(lines).toEqual(["known a.a ->1"]);
});
