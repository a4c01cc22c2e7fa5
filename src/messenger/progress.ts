// Progress: tasks and how far they are, published at each change; to be read by programs, and by `tcs progress`.
import { NotFoundError } from "../common/errors.ts";
import { randomToken } from "../messaging/envelope.ts";
import { fromWireTimestamp, toWireTimestamp } from "../messaging/timestamp.ts";
import { checkNumber } from "./arguments.ts";
import { isFinished, type ProgressTask, TASK } from "./progress-task.ts";
import { Publisher } from "./publisher.ts";
import { Reader, type ReaderOptions } from "./reader.ts";
import type { Received } from "./received.ts";
import type { Wire } from "./wire.ts";

export interface NewTask {
  /** Units of work; null when nobody knows. Default 100. */
  total?: number | null;
  /** Default 0. */
  completed?: number;
  /** False: it is started later, with `startTask`. Default true. */
  start?: boolean;
  /** Default: one that is made up. */
  id?: string;
}

export interface TaskChange {
  total?: number | null;
  completed?: number;
  /** Added to `completed`. */
  advance?: number;
  description?: string;
}

/**
 * Tells how far tasks are, as the class of the same name of the Python package does. Made by
 * `messenger.getProgressPublisher`. Nobody has to wait: what goes wrong is counted in `healthStatus`, and logged.
 * @example
 * ```ts
 * import { Messenger } from "ocabox-tcs/messenger";
 * await using messenger = await Messenger.open();
 * const progress = messenger.getProgressPublisher("svc.progress.camera");
 * for await (const frame of progress.track(["bias", "dark", "flat"], "calibration")) await expose(frame);
 * async function expose(frame: string) { console.log(frame); }
 * ```
 */
export class ProgressPublisher extends Publisher<ProgressTask> {
  readonly #tasks = new Map<string, ProgressTask>();

  constructor(wire: Wire, subject: string) {
    super(wire, subject, {}, "progress");
  }

  /** Its tasks, as they are now. */
  get tasks(): readonly Readonly<ProgressTask>[] {
    return [...this.#tasks.values()];
  }
  /** Every task is finished. */
  get allDone(): boolean {
    return this.tasks.every(isFinished);
  }

  /** A new task. @returns its id */
  addTask(description: string, { total = 100, completed = 0, start = true, id }: NewTask = {}): string {
    if (total !== null) checkNumber(`${this.subject}: total`, total, 0);
    checkNumber(`${this.subject}: completed`, completed, 0);
    const name = id !== undefined && !this.#tasks.has(id) ? id : `${id ?? "progress"}-${randomToken(6)}`;
    const times = { finished_time: null, start_time: start ? toWireTimestamp() : null, stop_time: null };
    this.#tasks.set(name, { id: name, description: String(description), total, completed, ...times });
    this.#publish(name);
    return name;
  }

  /** The clock of the task begins to run, if it does not. @throws NotFoundError */
  startTask(id: string): void {
    const task = this.#task(id);
    task.start_time ??= toWireTimestamp();
    this.#publish(id);
  }

  /** The task is over, finished or not. @throws NotFoundError */
  stopTask(id: string): void {
    const task = this.#task(id);
    task.stop_time = toWireTimestamp();
    task.start_time ??= task.stop_time;
    this.#publish(id);
  }

  /** @throws NotFoundError */
  update(id: string, { total, completed, advance = 0, description }: TaskChange): void {
    const task = this.#task(id);
    if (typeof total === "number") checkNumber(`${this.subject}: total`, total, 0);
    checkNumber(`${this.subject}: completed`, completed ?? task.completed + advance, Number.NEGATIVE_INFINITY);
    if (total !== undefined && total !== task.total) {
      task.total = total;
      task.finished_time = null;
    }
    task.completed = completed ?? task.completed + advance;
    if (description !== undefined) task.description = description;
    this.#publish(id);
  }

  /** So many units more are done. @throws NotFoundError */
  advance(id: string, units = 1): void {
    this.update(id, { advance: units });
  }

  /** The task begins anew. @throws NotFoundError */
  reset(id: string, { start = true, total, completed = 0 }: Pick<NewTask, "start" | "total" | "completed"> = {}): void {
    const task = this.#task(id);
    if (total !== undefined) task.total = total;
    Object.assign(task, {
      completed,
      finished_time: null,
      stop_time: null,
      start_time: start ? toWireTimestamp() : null,
    });
    this.#publish(id);
  }

  /** Forgets a task: it counts no more for `allDone`. */
  removeTask(id: string): void {
    this.#tasks.delete(id);
  }

  /** Hands out `items`, one more done with each that was worked off. */
  async *track<I>(items: Iterable<I> | AsyncIterable<I>, description: string, total?: number): AsyncGenerator<I, void> {
    const known = Array.isArray(items)
      ? items.length
      : items instanceof Set || items instanceof Map
        ? items.size
        : null;
    const id = this.addTask(description, { total: total ?? known });
    let isThrough = false;
    try {
      for await (const item of items) {
        yield item;
        this.advance(id);
      }
      isThrough = true;
      if (this.#task(id).total === null) this.update(id, { total: this.#task(id).completed });
    } finally {
      if (!isThrough && this.#tasks.has(id)) this.stopTask(id);
    }
  }

  #task(id: string): ProgressTask {
    const task = this.#tasks.get(id);
    if (task) return task;
    throw new NotFoundError(`${this.subject}: there is no task "${id}"`);
  }

  #publish(id: string): void {
    const task = this.#task(id);
    if (task.total !== null && task.completed >= task.total && task.finished_time === null) {
      const start = fromWireTimestamp(task.start_time);
      task.finished_time = start === undefined ? 0 : Math.max(0, (Date.now() - start) / 1000);
    }
    this.tell({ ...task }, { message_type: "progress", tags: this.allDone ? ["all-done"] : [] });
  }
}

export interface ProgressReaderOptions extends Omit<ReaderOptions, "schema"> {
  /** Ends when its publisher says that all its tasks are finished. Default true. */
  stopWhenDone?: boolean;
}

/** Reads progress. Made by `messenger.getProgressReader`. */
export class ProgressReader extends Reader<ProgressTask> {
  readonly #stopWhenDone: boolean;

  constructor(wire: Wire, subject: string, { stopWhenDone = true, ...options }: ProgressReaderOptions = {}) {
    super(wire, subject, { deliverPolicy: "last", ...options, schema: TASK }, "progress-reader");
    this.#stopWhenDone = stopWhenDone;
  }

  override async next(limitMs?: number): Promise<Received<ProgressTask> | undefined> {
    const received = await super.next(limitMs);
    if (this.#stopWhenDone && received?.meta.tags.includes("all-done")) this.close();
    return received;
  }
}
