import { describe, expect, test } from "bun:test";
import { inspectValue } from "../../src/common/inspect.ts";
import { Logger } from "../../src/common/logger.ts";

describe("a logged value", () => {
  class Target {
    name = "M31";
    at = [10.68, 41.27];
  }

  test.each([
    ["text is itself", "two\nlines", "two\nlines"],
    ["a small object is one line", { interval: 3 }, "{ interval: 3 }"],
    ["so is one in another", { a: { b: [1, "x\ny"] } }, '{ a: { b: [ 1, "x\\ny" ] } }'],
    ["so is one of a class", new Target(), 'Target { name: "M31", at: [ 10.68, 41.27 ] }'],
    ["a number", 3, "3"],
    ["nothing", undefined, "undefined"],
  ])("%s", (_what, value, text) => expect(inspectValue(value)).toBe(text));

  test("a large object has a line for each of its fields", () => {
    const large = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`field${i}`, i]));
    const lines = inspectValue(large).split("\n");
    expect(lines).toHaveLength(32);
    expect(lines[1]).toBe("  field0: 0,");
  });

  test("an error inside an object keeps its lines", () => {
    expect(inspectValue({ error: new Error("boo") })).toContain("\n");
  });

  test("stands in its record beside the text", () => {
    const messages: string[] = [];
    new Logger("dome.main", ({ message }) => messages.push(message)).info("started", { interval: 3 }, "s");
    expect(messages).toEqual(["started { interval: 3 } s"]);
  });
});
