// Values by path.
import { describe, expect, test } from "bun:test";
import type { Json, JsonObject } from "../../src/common/json.ts";
import { difference, flatten, stepsOf, valueAt, withValue } from "../../src/settings/fields.ts";

const SET: [string, JsonObject, string, Json | undefined, JsonObject][] = [
  ["a new value", {}, "a", 1, { a: 1 }],
  ["one in a mapping that is not there", {}, "a.b.c", 1, { a: { b: { c: 1 } } }],
  ["one beside others", { a: { b: 1 } }, "a.c", 2, { a: { b: 1, c: 2 } }],
  ["one in the place of a text", { a: "x" }, "a.b", 1, { a: { b: 1 } }],
  ["one that is taken away", { a: { b: 1, c: 2 } }, "a.b", undefined, { a: { c: 2 } }],
  ["the last of a mapping, with the mapping", { a: { b: 1 }, d: 1 }, "a.b", undefined, { d: 1 }],
];
test.each(SET)("%s", (_, before, path, value, after) => {
  const copy = structuredClone(before);
  expect(withValue(before, stepsOf(path), value)).toEqual(after);
  expect(before).toEqual(copy);
});

test("a key named __proto__ is only a key", () => {
  const fields = withValue({}, ["__proto__", "x"], 1);
  expect(Object.keys(fields)).toEqual(["__proto__"]);
  expect(({} as { x?: number }).x).toBeUndefined();
});

test("a value is found by its path, and nothing where there is none", () => {
  const fields = { a: { b: [1] }, "": 2 };
  expect([valueAt(fields, ["a", "b"]), valueAt(fields, ["a", "c"]), valueAt(fields, ["a", "b", "0"])]).toEqual([
    [1],
    undefined,
    undefined,
  ]);
  expect(valueAt(fields, ["toString"])).toBeUndefined();
});

describe("differences", () => {
  test("are told by path, in order; lists are values", () => {
    expect(difference({ z: 1, a: { b: 1, c: [1] } }, { a: { b: 2, c: [1], d: {} } })).toEqual([
      { path: "a.b", before: 1, after: 2 },
      { path: "a.d", before: undefined, after: {} },
      { path: "z", before: 1, after: undefined },
    ]);
    expect([...flatten({ a: { b: [1], c: {} } })]).toEqual([
      ["a.b", [1]],
      ["a.c", {}],
    ]);
  });
});
