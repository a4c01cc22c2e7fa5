// Small parts of the display: widths, cleaning, colours, ages, the legend.
import { describe, expect, test } from "bun:test";
import { shortAge, timeAndAge } from "../../../src/cli/display/age.ts";
import { paintFor, wantsColor } from "../../../src/cli/display/colors.ts";
import { renderLegend } from "../../../src/cli/display/legend.ts";
import {
  clean,
  padEnd,
  terminalWidth,
  truncate,
  truncateMiddle,
  wantsUnicode,
  widthOf,
  wrap,
} from "../../../src/cli/display/width.ts";
import { formatDuration } from "../../../src/client/duration.ts";

describe("durations", () => {
  test.each([
    [-5, "0 s"],
    [0, "0 s"],
    [3.9, "3 s"],
    [59, "59 s"],
    [60, "1 m"],
    [250, "4 m 10 s"],
    [3_600, "1 h"],
    [7_530, "2 h 5 m"],
    [183_600, "2 d 3 h"],
    [86_400 * 400, "400 d"],
    [Number.NaN, "0 s"],
  ])("%p seconds are %p", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  test("short ages have one unit", () => expect([3, 250, 7_530].map(shortAge)).toEqual(["3 s", "4 m", "2 h"]));

  test("times are UTC with their age; those to come without; impossible ones do not throw", () => {
    const now = Date.UTC(2026, 10, 20, 22, 0, 0);
    expect(timeAndAge(now - 250_000, now)).toBe("2026-11-20 21:55:50 UTC (4 m 10 s ago)");
    expect(timeAndAge(now + 60_000, now)).toBe("2026-11-20 22:01:00 UTC");
    expect(timeAndAge(1e20, now)).toBe("100000000000000000000");
  });
});

describe("text from the wire is made harmless", () => {
  test.each([
    ["a colour", "\u001b[31mred\u001b[0m", "red"],
    ["a cursor movement", "x\u001b[2Jy\u001b[10;20Hz", "xyz"],
    ["a window title", "a\u001b]0;owned\u0007b", "ab"],
    ["a link", "\u001b]8;;http://x\u001b\\click\u001b]8;;\u001b\\", "click"],
    ["an unfinished sequence", "text\u001b[31", "text31"],
    ["a C1 sequence", "a\u009b31mb", "ab"],
    ["line breaks", "one\r\n  two\nthree\u2028four", "one two three four"],
    ["a carriage return and backspaces", "ok\rbad\b\b", "ok bad??"],
    ["a bell and NUL", "a\u0007\u0000b", "a??b"],
    ["text direction", "abc\u202edef", "abc?def"],
    ["half a surrogate pair", "a\ud800b", "a\ufffdb"],
    ["plain text", "温度 ok 🔭", "温度 ok 🔭"],
  ])("%s", (_what, text, expected) => {
    expect(clean(text)).toBe(expected);
  });

  test("nothing but ASCII reaches a terminal that speaks nothing else", () => {
    expect(clean("Ûber 温 🔭 ok", false)).toBe("?ber ? ? ok");
  });
});

describe("widths", () => {
  test("wide characters and emoji take two columns", () => {
    expect([widthOf("abc"), widthOf("温度"), widthOf("🔭")]).toEqual([3, 4, 2]);
  });

  test.each([
    ["abcdef", 6, "abcdef"],
    ["abcdef", 5, "abcd…"],
    ["温度センサー", 7, "温度セ…"],
    ["温度センサー", 6, "温度…"],
    ["👨‍👩‍👧‍👦 family", 4, "👨‍👩‍👧‍👦 …"],
    ["abc", 0, ""],
    ["abc", 1, "…"],
  ])("%s in %d columns is %s", (text, width, expected) => {
    expect(truncate(text, width)).toBe(expected);
    expect(widthOf(truncate(text, width))).toBeLessThanOrEqual(width);
  });

  test("names lose their middle", () => {
    expect(truncateMiddle("examples.minimal.tutorial", 11)).toBe("examp…orial");
    expect(truncateMiddle("examples.minimal.tutorial", 11, false)).toBe("examp~orial");
  });

  test.each([
    ["one two three", 7, ["one two", "three"]],
    ["one two three", 3, ["one", "two", "thr", "ee"]],
    ["温度センサー", 5, ["温度", "セン", "サー"]],
    ["温度", 1, ["温", "度"]],
    ["", 5, [""]],
    ["one two", Number.POSITIVE_INFINITY, ["one two"]],
  ])("%s wrapped to %d columns", (text, width, expected) => {
    expect(wrap(text, width)).toEqual(expected);
  });

  test("padding counts columns", () => expect(padEnd("温", 4)).toBe("温  "));

  test("COLUMNS wins, then the terminal; a pipe has no limit", () => {
    expect(terminalWidth({ COLUMNS: "70" }, { isTTY: true, columns: 120 })).toBe(70);
    expect(terminalWidth({ COLUMNS: "x" }, { isTTY: true, columns: 120 })).toBe(120);
    expect(terminalWidth({}, {})).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("what the terminal can show", () => {
  test.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    [{ TERM: "dumb" }, true, false],
  ])("with %p on a terminal: %p, colours are %p", (env, isTty, expected) => {
    expect(wantsColor(env, isTty)).toBe(expected);
  });

  test.each([
    [{}, true],
    [{ LANG: "C.UTF-8" }, true],
    [{ LANG: "pl_PL.utf8" }, true],
    [{ LANG: "C" }, false],
    [{ LANG: "en_US.UTF-8", LC_ALL: "POSIX" }, false],
  ])("in the locale %p symbols are Unicode: %p", (env, expected) => {
    expect(wantsUnicode(env)).toBe(expected);
  });

  test("paint closes what it opens, and leaves empty space alone", () => {
    expect(paintFor(true)("red", "x")).toBe("\u001b[31mx\u001b[39m");
    expect(paintFor(true)("dim", "  ")).toBe("  ");
    expect(paintFor(false)("red", "x")).toBe("x");
  });
});

describe("the legend", () => {
  test("names every symbol, colour and meaning", () => {
    const text = renderLegend({ color: false, unicode: true }).join("\n");
    for (const symbol of ["●", "◐", "×", "⚠", "○", "♥", "⟳", "✗", "↻", "(2/5)", "(7/∞)"])
      expect(text).toContain(symbol);
    expect(text).toContain("stale: 30 s to 2 m ago");
  });

  test("is plain ASCII where nothing else is understood", () => {
    expect(renderLegend({ color: false, unicode: false }).join("")).toMatch(/^[ -~]*$/);
  });
});
