// What an operator means by the words of a command line; what ended a process, in words.
import { describe, expect, test } from "bun:test";
import { explainCrash, explainExit } from "../../src/client/exit-words.ts";
import { matches, meaningOf, selectServices } from "../../src/client/select.ts";

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
    [["dome"], ["dome.main"]],
    [["examples.basic"], ["examples.basic.main"]],
    [
      ["west", "dome"],
      ["camera.west", "dome.main"],
    ],
    [["old"], ["old.main"]],
  ])("%j means %j", (words, ids) => {
    expect(select(...words)).toEqual({ ids, unclear: [] });
  });
  test("what means nothing is told, with the nearest name", () => {
    expect(select("dom.main", "camera.east", "x*", "exmples.basic").unclear).toEqual([
      { word: "dom.main", meaning: { kind: "nothing", nearest: "dome.main" } },
      { word: "x*", meaning: { kind: "nothing", nearest: undefined } },
      { word: "exmples.basic", meaning: { kind: "nothing", nearest: "examples.basic" } },
    ]);
  });
  test("what may mean several is told, with all of them", () => {
    expect(select("camera", "main").unclear).toEqual([
      { word: "camera", meaning: { kind: "several", ids: ["camera.east", "camera.west"] } },
      { word: "main", meaning: { kind: "several", ids: ["dome.main", "examples.basic.main"] } },
    ]);
  });
  test("an id goes before a type, a type before a variant, what is there before what was", () => {
    const known = new Set(["a.b", "a.b.c", "x.a", "y.old", "y.new"]);
    expect(meaningOf("a.b", known)).toEqual({ kind: "one", id: "a.b" });
    expect(meaningOf("a", known)).toEqual({ kind: "one", id: "a.b" });
    expect(meaningOf("y", known, new Set(["y.new"]))).toEqual({ kind: "one", id: "y.new" });
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

test("what a launcher has ended itself is not told as somebody's, or the kernel's", () => {
  expect(explainExit(-9, "watchdog: no sign of life for 3 s")).toBe(
    "killed by SIGKILL (by its launcher, as watchdog_sec says)",
  );
});

test("a crash is not told twice", () => {
  expect(explainCrash(7, "exited with code 7")).toBe("exit 7");
  expect(explainCrash(-11, "killed by SIGSEGV")).toBe("killed by SIGSEGV (a memory fault: a bug in native code)");
  expect(explainCrash(1, "no mirror")).toBe("exit 1: no mirror");
  expect(explainCrash(1, undefined)).toBe("exit 1");
});
