import { describe, expect, test } from "bun:test";
import { parseKeys } from "../../../src/cli/top/keys.ts";

describe("what a terminal sends is taken for keys", () => {
  test.each([
    ["letters", "jkG?/", ["j", "k", "G", "?", "/"]],
    ["letters of any language", "ŁĀ日🔭", ["Ł", "Ā", "日", "🔭"]],
    ["arrows", "\u001b[A\u001b[B\u001b[C\u001b[D", ["up", "down", "right", "left"]],
    ["arrows in application mode", "\u001bOA\u001bOB", ["up", "down"]],
    [
      "pages and ends",
      "\u001b[5~\u001b[6~\u001b[H\u001b[F\u001b[1~\u001b[4~",
      ["pageup", "pagedown", "home", "end", "home", "end"],
    ],
    ["enter, tab, backspace", "\r\n\t\u007f\b", ["enter", "enter", "tab", "backspace", "backspace"]],
    ["controls", "\u0003\u001a\u000c", ["ctrl-c", "ctrl-z", "ctrl-l"]],
    ["function keys and the mouse: nothing", "\u001b[15~\u001bOP\u001b[<0;10;5M", []],
    ["what is pasted: no keys", "a\u001b[200~ry\u0003\u001b[A\u001b[201~b", ["a", "paste ry\u0003\u001b[A", "b"]],
    ["escape before a letter", "\u001bq", ["escape", "q"]],
    ["escape twice", "\u001b\u001b[A", ["escape", "up"]],
    ["a null byte: nothing", "\u0000a", ["a"]],
  ])("%s", (_, text, keys) => {
    expect(parseKeys(text, true).keys).toEqual(keys);
  });
});

describe("what comes in pieces", () => {
  test("waits for its end", () => {
    let pending = "";
    const keys: string[] = [];
    for (const piece of ["a\u001b", "[", "5", "~b", "\u001bO", "A"]) {
      const parsed = parseKeys(pending + piece, false);
      pending = parsed.rest;
      keys.push(...parsed.keys);
    }
    expect({ keys, pending }).toEqual({ keys: ["a", "pageup", "b", "up"], pending: "" });
  });

  test("is a paste until its end, however late", () => {
    const { keys, rest } = parseKeys("a\u001b[200~ry", true);
    expect(keys).toEqual(["a"]);
    expect(parseKeys(`${rest}y\u001b[201~`, false)).toEqual({ keys: ["paste ryy"], rest: "" });
  });

  test("is the Escape key when nothing follows", () => {
    expect(parseKeys("\u001b", false)).toEqual({ keys: [], rest: "\u001b" });
    expect(parseKeys("\u001b", true)).toEqual({ keys: ["escape"], rest: "" });
  });
});
