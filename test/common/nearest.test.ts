// Which known word a mistyped one is taken for.
import { expect, test } from "bun:test";
import { nearest, startingWith } from "../../src/common/nearest.ts";

const KNOWN = ["start", "status", "stop", "restart", "telescope_monitor.main"];

test.each<[string, string | undefined]>([
  ["stat", "status"],
  ["STAT", "status"],
  ["tele", "telescope_monitor.main"],
  ["sotp", "stop"],
  ["restrat", "restart"],
  ["telescop_monitr.main", "telescope_monitor.main"],
  ["dome", undefined],
  ["", undefined],
  ["x", undefined],
  ["xy", undefined],
])("%j is nearest to %j", (word, known) => {
  expect(nearest(word, KNOWN)).toBe(known);
});

test("words that begin so come in their order, a letter is no beginning", () => {
  expect(startingWith("sta", KNOWN)).toEqual(["start", "status"]);
  expect(startingWith("s", KNOWN)).toEqual([]);
});
