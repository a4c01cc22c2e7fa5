// What others have written, in a line of ours.
import { expect, test } from "bun:test";
import { oneLine } from "../../../src/launcher/control/one-line.ts";

test.each([
  ["a plain word stays as it is", "dome.main", "dome.main"],
  ["line breaks and control characters become one space", "a\r\n\u001b[31mb\u2028c", "a [31mb c"],
  ["what cannot be seen is taken away at both ends", "\n  closed \u200b", "closed"],
  ["a broken character does not break the line", "a\ud800b", "a\ufffdb"],
  ["of a long text the beginning is kept", "x".repeat(30), "x".repeat(20)],
])("%s", (_, text, line) => {
  expect(oneLine(text, 20)).toBe(line);
});
