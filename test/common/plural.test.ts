import { expect, test } from "bun:test";
import { countOf } from "../../src/common/plural.ts";

test("one is singular, any other number is not", () => {
  expect([0, 1, 2].map((count) => countOf(count, "service"))).toEqual(["0 services", "1 service", "2 services"]);
});
