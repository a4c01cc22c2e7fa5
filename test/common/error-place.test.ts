import { expect, test } from "bun:test";
import { placeOf } from "../../src/common/error-place.ts";
import { TcsError } from "../../src/common/errors.ts";

test("an error of the author's own tells file, line and column", () => {
  expect(placeOf(new Error("lost mount"))).toMatch(/^error-place\.test\.ts:\d+:\d+$/);
});
test("what has no place of the author's tells none", () => {
  expect(placeOf("text")).toBeUndefined();
  expect(placeOf(new TcsError("ours"))).toBeUndefined();
  const inside = Object.assign(new Error("x"), { stack: "Error: x\n    at run (/$bunfs/root/main.js:1:2)" });
  expect(placeOf(inside)).toBeUndefined();
});
