// What an operator means by the words of a command line; what ended a process, in words.
import { describe, expect, test } from "bun:test";
import { explainExit } from "../../src/client/exit-words.ts";
import { matches, selectServices } from "../../src/client/select.ts";

const KNOWN = new Set(["camera.east", "camera.west", "dome.main", "examples.basic.main", "old.main"]);
const LIVE = new Set([...KNOWN].filter((id) => id !== "old.main"));
const select = (...words: string[]) => selectServices(words, KNOWN, LIVE);

describe("a selection", () => {
  test.each([
    [["dome.main"], ["dome.main"]],
    [["camera.*"], ["camera.east", "camera.west"]],
    [["*.main"], ["dome.main", "examples.basic.main"]],
    [["*"], [...LIVE]],
    [["camera.?est", "dome.main", "dome.main"], ["camera.east", "camera.west", "dome.main"].slice(1)],
    [["old.main"], ["old.main"]],
  ])("%j means %j", (words, ids) => {
    expect(select(...words)).toEqual({ ids, unknown: [] });
  });
  test("what means nothing is told, with the nearest id", () => {
    expect(select("dom.main", "camera.east", "x*").unknown).toEqual([
      { word: "dom.main", nearest: "dome.main" },
      { word: "x*" },
    ]);
  });
  test("characters that mean something elsewhere mean themselves", () => {
    expect(matches("a.b", "axb")).toBe(false);
    expect(matches("a[b]+(c)|^$\\*", "a[b]+(c)|^$\\d")).toBe(true);
    expect(matches("*", "")).toBe(true);
    expect(matches("****a****", "bab")).toBe(true);
  });
});

test.each([
  [0, "exit 0 (all well)"],
  [1, "exit 1"],
  [127, "exit 127 (its program was not found)"],
  [-9, "killed by SIGKILL (killed by force: by somebody, or by the kernel for want of memory)"],
  [-11, "killed by SIGSEGV (a memory fault: a bug in native code)"],
  [134, "exit 134, as by SIGABRT (it gave itself up: a failed assertion, or out of memory)"],
  [-64, "killed by signal 64"],
])("exit %d is explained", (code, words) => {
  expect(explainExit(code)).toBe(words);
});
