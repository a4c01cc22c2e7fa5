// Tasks and how far they are, as lines of a terminal or as JSON.
import { formatDuration } from "../../client/duration.ts";
import type { JsonObject } from "../../common/json.ts";
import { elapsedOf, fractionOf, isFinished, type ProgressTask, remainingOf } from "../../messenger/progress-task.ts";
import { type Paint, paintFor } from "./colors.ts";
import type { RenderOptions } from "./view.ts";
import { truncate, widthOf } from "./width.ts";

/** A task, and where it was told. */
export interface ShownTask {
  subject: string;
  task: ProgressTask;
}

const BAR_WIDTH = 24;
const LONGEST_NAME = 40;

/** A line for each task. */
export function renderProgress(tasks: readonly ShownTask[], options: RenderOptions): string[] {
  const paint = paintFor(options.color);
  const names = tasks.map(({ task }) => truncate(oneLine(task.description || task.id), LONGEST_NAME));
  const width = Math.max(0, ...names.map(widthOf));
  return tasks.map(({ subject, task }, i) => {
    const name = names[i] ?? "";
    const cells = [
      name + " ".repeat(width - widthOf(name)),
      bar(task, options.unicode, paint),
      amount(task).padStart(12),
      times(task, options.now),
    ];
    return truncate(`${cells.join("  ")}  ${paint("dim", subject)}`, options.width);
  });
}

/** For programs: the task as it is on the wire, and what follows from it. */
export function progressJson({ subject, task }: ShownTask, now: number): JsonObject {
  const fraction = fractionOf(task);
  return {
    subject,
    ...task,
    percentage: fraction === undefined ? null : Math.round(fraction * 1000) / 10,
    elapsed: elapsedOf(task, now) ?? null,
    finished: isFinished(task),
  };
}

/** Words of others: they must not steer the terminal, nor take more than their line. */
function oneLine(text: string): string {
  return Bun.stripANSI(text)
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
}

function bar(task: ProgressTask, unicode: boolean, paint: Paint): string {
  const fraction = fractionOf(task);
  const [full, empty] = unicode ? ["━", "─"] : ["#", "-"];
  if (fraction === undefined) return paint("dim", (unicode ? "┄" : ".").repeat(BAR_WIDTH));
  const filled = Math.floor(fraction * BAR_WIDTH);
  const style = isFinished(task) ? "green" : task.stop_time === null ? "cyan" : "yellow";
  return paint(style, full.repeat(filled)) + paint("dim", empty.repeat(BAR_WIDTH - filled));
}

function amount({ total, completed }: ProgressTask): string {
  const number = (value: number) => String(Math.round(value * 100) / 100);
  return total === null ? number(completed) : `${number(completed)}/${number(total)}`;
}

function times(task: ProgressTask, now: number): string {
  const elapsed = elapsedOf(task, now);
  if (elapsed === undefined) return "not started";
  if (isFinished(task)) return `done in ${formatDuration(elapsed)}`;
  if (task.stop_time !== null) return `stopped after ${formatDuration(elapsed)}`;
  const left = remainingOf(task, now);
  return left === undefined ? formatDuration(elapsed) : `${formatDuration(elapsed)}, ${formatDuration(left)} left`;
}
