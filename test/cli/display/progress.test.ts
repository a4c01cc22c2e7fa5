// Tasks as lines of a terminal.
import { expect, test } from "bun:test";
import { paintFor } from "../../../src/cli/display/colors.ts";
import { renderProgress } from "../../../src/cli/display/progress.ts";
import { widthOf } from "../../../src/cli/display/width.ts";

const times = { finished_time: null, start_time: null, stop_time: null };
const task = { id: "x", description: "a star", total: 10, completed: 5, ...times };
const PLAIN = { color: false, unicode: false, width: 200, now: 0 };

test("words of a task take one line, and do not steer the terminal", () => {
  const evil = { ...task, description: "a\u001b[31m red\nstar\u0007\u009b2J" };
  const [line, ...more] = renderProgress([{ subject: "svc.progress.\u001b[2Jx", task: evil }], PLAIN);
  expect(more).toEqual([]);
  expect(line).toStartWith("a red star");
  expect(line).toEndWith("svc.progress.x");
  expect(line).not.toMatch(/\p{Cc}/u);
});

test("nothing but ASCII reaches a terminal that speaks nothing else", () => {
  const [line] = renderProgress([{ subject: "svc.progress.x", task: { ...task, description: "ż".repeat(60) } }], PLAIN);
  expect(line).toMatch(/^\?{39}~ /);
  expect(line).toMatch(/^[ -~]*$/);
});

test("a line that does not fit is as wide as the terminal, and has no colour behind it", () => {
  const paint = paintFor(true);
  const [line = ""] = renderProgress([{ subject: "svc.progress.camera", task }], { ...PLAIN, color: true, width: 72 });
  expect(line).toBe(
    `a star  ${paint("cyan", "#".repeat(12))}${paint("dim", "-".repeat(12))}          5/10  not started  ${paint("dim", "svc.progre~")}`,
  );
  expect(widthOf(Bun.stripANSI(line))).toBeLessThanOrEqual(72);
});
