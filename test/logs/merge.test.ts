import { expect, test } from "bun:test";
import { byId, mergeByTime } from "../../src/logs/merge.ts";
import { record } from "./support.ts";

const lines = (id: string, ...times: number[]) =>
  times.map((time) => ({ id, record: record(`${id}${time}`, { time }) }));
const said = (merged: ReturnType<typeof mergeByTime>) => merged.map(({ record }) => record.message).join(" ");

test("lines of several services come by time", () => {
  expect(said(mergeByTime([lines("a", 1, 4, 5), lines("b", 2, 3, 9), [], lines("c", 0)]))).toBe("c0 a1 b2 b3 a4 a5 b9");
});

test("a service whose clock was set back keeps its own order", () => {
  expect(said(mergeByTime([lines("a", 5, 6, 1, 2), lines("b", 4, 7)]))).toBe("b4 a5 a6 a1 a2 b7");
});

test("nothing is lost or doubled, whatever comes", () => {
  for (let round = 0; round < 200; round++) {
    const lists = Array.from({ length: 1 + (round % 5) }, (_, id) =>
      lines(String.fromCharCode(97 + id), ...Array.from({ length: round % 7 }, () => Math.floor(Math.random() * 10))),
    );
    const merged = mergeByTime(lists);
    for (const list of lists) {
      expect(merged.filter(({ id }) => id === list[0]?.id)).toEqual(list);
    }
    expect(merged.length).toBe(lists.flat().length);
  }
});

test("a log of two million lines is merged like any other", () => {
  const many = lines("a", 1).flatMap((line) => Array.from({ length: 2_000_000 }, () => line));
  expect(mergeByTime([many])).toHaveLength(2_000_000);
});

test("lines by id keep their order", () => {
  expect(byId([...lines("a", 1), ...lines("b", 2), ...lines("a", 0)]).map(said)).toEqual(["a1 a0", "b2"]);
});
