// What `tcs progress` knows: the latest of each task, those under way first.
import { isFinished } from "../../messenger/progress-task.ts";
import type { ShownTask } from "../display/progress.ts";

/** Of more tasks the ones are forgotten that were told of longest ago. */
const MOST_TASKS = 1_000;

export class ProgressBoard {
  readonly #tasks = new Map<string, ShownTask>();

  take(shown: ShownTask): void {
    const key = `${shown.subject} ${shown.task.id}`;
    // Set anew, so that the order of the map is that of the news.
    this.#tasks.delete(key);
    this.#tasks.set(key, shown);
    const [oldest] = this.#tasks.keys();
    if (this.#tasks.size > MOST_TASKS && oldest !== undefined) this.#tasks.delete(oldest);
  }

  /** At most so many; those that are over are left out first, then those of which nothing was heard for longest. */
  tasks(most = MOST_TASKS): ShownTask[] {
    const latest = [...this.#tasks.values()].reverse();
    const isOver = ({ task }: ShownTask) => isFinished(task) || task.stop_time !== null;
    const chosen = [...latest.filter((shown) => !isOver(shown)), ...latest.filter(isOver)].slice(0, most);
    const place = ({ subject, task }: ShownTask) => `${subject} ${task.start_time?.join(":") ?? "~"} ${task.id}`;
    return chosen.sort((a, b) => Number(isOver(a)) - Number(isOver(b)) || place(a).localeCompare(place(b)));
  }
}
