import { expect, test } from "bun:test";
import { countOf, listed } from "../../src/common/plural.ts";

test("one is singular, any other number is not", () => {
  expect([0, 1, 2].map((count) => countOf(count, "service"))).toEqual(["0 services", "1 service", "2 services"]);
});

test("a list is told in words, a long one in part", () => {
  expect([[], ["a"], ["a", "b"], ["a", "b", "c"], [..."abcde"], [..."abcdefg"]].map(listed)).toEqual([
    "",
    "a",
    "a and b",
    "a, b and c",
    "a, b, c, d and e",
    "a, b, c, d and 3 more",
  ]);
});
