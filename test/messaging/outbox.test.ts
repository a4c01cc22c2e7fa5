import { describe, expect, test } from "bun:test";
import { Outbox, type OutboxLimits } from "../../src/messaging/outbox.ts";

const payload = (size = 10) => new Uint8Array(size);

function filled(count: number, limits: OutboxLimits = {}): Outbox {
  const outbox = new Outbox(limits);
  for (let i = 0; i < count; i++) outbox.push("s", payload());
  return outbox;
}

/** Sends all that may go; the sequence numbers. */
function sendAll(outbox: Outbox): number[] {
  const seqs: number[] = [];
  for (let entry = outbox.next(0); entry; entry = outbox.next(0)) seqs.push(entry.seq);
  return seqs;
}

test("events are sent in the order they were given", () => {
  expect(sendAll(filled(4))).toEqual([1, 2, 3, 4]);
});

test("no more are in flight than the window allows, and an acknowledgement makes room for the next", () => {
  const outbox = filled(5, { windowMessages: 2 });
  expect(sendAll(outbox)).toEqual([1, 2]);
  outbox.remove(1);
  expect(sendAll(outbox)).toEqual([3]);
});

test("after a disconnect all that is unacknowledged is sent again, in order, before what waited", () => {
  const outbox = filled(6, { windowMessages: 4 });
  expect(sendAll(outbox)).toEqual([1, 2, 3, 4]);
  outbox.remove(2);
  outbox.rewind();
  expect(outbox.inFlight).toBe(0);
  expect(sendAll(outbox)).toEqual([1, 3, 4, 5]);
});

test("a late acknowledgement counts for an event that waits again", () => {
  const outbox = filled(2);
  sendAll(outbox);
  outbox.rewind();
  expect(outbox.remove(1)).toBe(true);
  expect(outbox.remove(1)).toBe(false);
  expect(sendAll(outbox)).toEqual([2]);
  expect(outbox.size).toBe(1);
});

describe("a full outbox drops the oldest and says how many", () => {
  test("by number", () => {
    const outbox = filled(3, { maxMessages: 3 });
    expect(outbox.push("s", payload())).toBe(1);
    expect(sendAll(outbox)).toEqual([2, 3, 4]);
  });

  test("by size, subjects included", () => {
    const outbox = new Outbox({ maxBytes: 100 });
    for (let i = 0; i < 9; i++) expect(outbox.push("s", payload())).toBe(0);
    expect(outbox.bytes).toBe(99);
    expect(outbox.push("s", payload(30))).toBe(3);
    expect(sendAll(outbox)).toEqual([4, 5, 6, 7, 8, 9, 10]);
    expect(outbox.bytes).toBeLessThanOrEqual(100);
  });

  test("an event larger than all the room is refused, and takes nothing with it", () => {
    const outbox = new Outbox({ maxBytes: 100 });
    outbox.push("s", payload());
    expect(outbox.push("s", payload(200))).toBe(1);
    expect(outbox.size).toBe(1);
  });

  test("also when the oldest is in flight", () => {
    const outbox = filled(3, { maxMessages: 3 });
    sendAll(outbox);
    outbox.push("s", payload());
    expect([...outbox.sent()].map((entry) => entry.seq)).toEqual([2, 3]);
    expect(outbox.inFlight).toBe(2);
  });
});

test("a single event larger than the window still goes", () => {
  const outbox = new Outbox({ windowBytes: 50 });
  outbox.push("s", payload(80));
  outbox.push("s", payload(80));
  expect(sendAll(outbox)).toEqual([1]);
});

test("order and counts hold over 100,000 events acknowledged out of order, with disconnects", () => {
  const outbox = new Outbox({ maxMessages: 1_000, windowMessages: 100 });
  const random = mulberry32(7);
  const acknowledged = new Set<number>();
  let lastSent = 0;
  let pushed = 0;
  let dropped = 0;
  while (acknowledged.size + dropped < 100_000) {
    for (let i = 0; i < 40 && pushed < 100_000; i++, pushed++) dropped += outbox.push("s", payload());
    if (random() < 0.05) {
      outbox.rewind();
      lastSent = 0;
    }
    for (let entry = outbox.next(0); entry; entry = outbox.next(0)) {
      expect(entry.seq).toBeGreaterThan(lastSent);
      lastSent = entry.seq;
    }
    for (const entry of [...outbox.sent()]) {
      if (random() >= 0.5) continue;
      expect(acknowledged.has(entry.seq)).toBe(false);
      outbox.remove(entry.seq);
      acknowledged.add(entry.seq);
    }
  }
  expect(outbox.size).toBe(0);
  expect(outbox.bytes).toBe(0);
  expect(outbox.inFlight).toBe(0);
});

/** A small seeded random generator (mulberry32): the same run every time. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
