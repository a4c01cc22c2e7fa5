// Tasks as lines of a terminal.
import { expect, test } from "bun:test";
import { renderProgress } from "../../../src/cli/display/progress.ts";

test("words of a task take one line, and do not steer the terminal", () => {
  const times = { finished_time: null, start_time: null, stop_time: null };
  const task = { id: "x", description: "a\u001b[31m red\nstar\u0007\u009b2J", total: 10, completed: 5, ...times };
  const options = { color: false, unicode: false, width: 200, now: 0 };
  const [line, ...more] = renderProgress([{ subject: "svc.progress.x", task }], options);
  expect(more).toEqual([]);
  expect(line).toStartWith("a red star ");
  expect(line).not.toMatch(/\p{Cc}/u);
});
