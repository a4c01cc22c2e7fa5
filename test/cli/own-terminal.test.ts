// The terminal that a command writes to.
import { expect, test } from "bun:test";
import { canDrawAgain } from "../../src/cli/own-terminal.ts";

test.each([
  [{}, true, true],
  [{ TERM: "xterm" }, true, true],
  [{ TERM: "dumb" }, true, false],
  [{ TERM: "xterm" }, false, false],
])("with %j on a terminal: %p, lines can be drawn again: %p", (env, isTty, expected) => {
  expect(canDrawAgain(env, isTty)).toBe(expected);
});
