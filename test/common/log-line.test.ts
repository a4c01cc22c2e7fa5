// Log records as lines for people: nothing in them can act on the terminal, or on the reader.
import { expect, test } from "bun:test";
import { formatLogRecord } from "../../src/common/log-line.ts";

const HEAD = "2026-11-20 12:00:00.000 INFO     dome.main  ";
const shown = (message: string) =>
  formatLogRecord({ time: Date.UTC(2026, 10, 20, 12), level: "info", source: "dome.main", message }, false);

test.each([
  ["\u001b[2J", "\\x1b[2J"],
  ["a\u0000b\u007fc\u0085", "a\\x00b\\x7fc\\x85"],
  ["user\u202egnp.exe", "user\\u202egnp.exe"],
  ["\u2066a\u2069", "\\u2066a\\u2069"],
  ["\u061c\u200e\u200f", "\\u061c\\u200e\\u200f"],
  ["pass\u200bword\u2060\ufeff\u00ad", "pass\\u200bword\\u2060\\ufeff\\xad"],
  ["a\u2028b", "a\\u2028b"],
  ["x\u{e0041}", "x\\u{e0041}"],
  ["crlf\r", "crlf"],
])("%j is shown as %s", (message, text) => {
  expect(shown(message)).toBe(HEAD + text);
});

test.each(["Ahoj 🔭 δ = −12°", "👩‍🚀 می‌خواهم", "a\tb", "עברית العربية"])("%s is shown as it is", (text) => {
  expect(shown(text)).toBe(HEAD + text);
});

test("every line of a message has the head", () => {
  expect(shown("one\ntwo")).toBe(`${HEAD}one\n${HEAD}two`);
});
