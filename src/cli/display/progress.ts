// Tasks and how far they are, as lines of a terminal or as JSON.
import { formatDuration } from "../../client/duration.ts";
import type { JsonObject } from "../../common/json.ts";
import { elapsedOf, fractionOf, isFinished, type ProgressTask, remainingOf } from "../../messenger/progress-task.ts";
import { drawSpans, type Span } from "./spans.ts";
import type { RenderOptions } from "./view.ts";
import { clean, padEnd, truncate, widthOf } from "./width.ts";

/** A task, and where it was told. */
export interface ShownTask {
  subject: string;
  task: ProgressTask;
}

const BAR_WIDTH = 24;
const LONGEST_NAME = 40;

/** A line for each task. */
export function renderProgress(tasks: readonly ShownTask[], options: RenderOptions): string[] {
  const { now, unicode } = options;
  const names = tasks.map(({ task }) => truncate(clean(task.description || task.id, unicode), LONGEST_NAME, unicode));
  const width = Math.max(0, ...names.map(widthOf));
  return tasks.map(({ subject, task }, i) => {
    const spans: Span[] = [
      { text: `${padEnd(names[i] ?? "", width)}  ` },
      ...bar(task, unicode),
      { text: `  ${amount(task).padStart(12)}  ${times(task, now)}  ` },
      { text: clean(subject, unicode), style: "dim" },
    ];
    return drawSpans(spans, options);
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

function bar(task: ProgressTask, unicode: boolean): Span[] {
  const fraction = fractionOf(task);
  const [full, empty] = unicode ? ["━", "─"] : ["#", "-"];
  if (fraction === undefined) return [{ text: (unicode ? "┄" : ".").repeat(BAR_WIDTH), style: "dim" }];
  const filled = Math.floor(fraction * BAR_WIDTH);
  const style = isFinished(task) ? "green" : task.stop_time === null ? "cyan" : "yellow";
  return [
    { text: full.repeat(filled), style },
    { text: empty.repeat(BAR_WIDTH - filled), style: "dim" },
  ];
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
