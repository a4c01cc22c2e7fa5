// A task of which progress is told: its form on the wire (that of the Python package), and what follows from it.
import type { Json } from "../common/json.ts";
import { fromWireTimestamp, type WireTimestamp } from "../messaging/timestamp.ts";
import type { Schema } from "./schema.ts";

/** A task as it is on the wire. */
export interface ProgressTask {
  id: string;
  description: string;
  /** Units of work; null when nobody knows. */
  total: number | null;
  completed: number;
  /** How long it took, seconds; null while it is not finished. */
  finished_time: number | null;
  /** null: it is yet to be started. */
  start_time: WireTimestamp | null;
  /** Set when the task was stopped, finished or not. */
  stop_time: WireTimestamp | null;
}

/** How much is done, 0 to 1; undefined when nobody knows how much there is. */
export function fractionOf({ total, completed }: ProgressTask): number | undefined {
  if (total === null || total <= 0) return undefined;
  return Math.min(1, Math.max(0, completed / total));
}

/** Seconds since its start, or from its start to its end; undefined when it is yet to be started. */
export function elapsedOf({ start_time, stop_time, finished_time }: ProgressTask, now: number): number | undefined {
  const start = fromWireTimestamp(start_time);
  if (start === undefined) return undefined;
  if (finished_time !== null) return finished_time;
  return Math.max(0, ((fromWireTimestamp(stop_time) ?? now) - start) / 1000);
}

/** Seconds that are left if it goes on as it did; undefined when nobody can tell. */
export function remainingOf(task: ProgressTask, now: number): number | undefined {
  const fraction = fractionOf(task);
  const elapsed = elapsedOf(task, now);
  if (fraction === undefined || fraction === 0 || elapsed === undefined || task.stop_time !== null) return undefined;
  return task.finished_time === null ? (elapsed / fraction) * (1 - fraction) : 0;
}

export function isFinished({ finished_time }: ProgressTask): boolean {
  return finished_time !== null;
}

export const TASK: Schema<ProgressTask> = {
  "~standard": {
    validate(value) {
      // Messages are JSON objects before a schema sees them.
      const { id, description, total, completed, finished_time, start_time, stop_time } = value as Record<string, Json>;
      const isTask = typeof id === "string" && typeof description === "string" && typeof completed === "number";
      if (!isTask) return { issues: [{ message: "it is no task" }] };
      return {
        value: {
          id,
          description,
          total: typeof total === "number" ? total : null,
          completed,
          finished_time: typeof finished_time === "number" ? finished_time : null,
          start_time: timestamp(start_time),
          stop_time: timestamp(stop_time),
        },
      };
    },
  },
};

function timestamp(value: Json | undefined): WireTimestamp | null {
  // fromWireTimestamp has seen to it that there are seven integers.
  return fromWireTimestamp(value) === undefined ? null : ((value as number[]).slice(0, 7) as WireTimestamp);
}
