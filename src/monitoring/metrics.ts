// Metrics of one monitored object: the merged results of its callbacks, always JSON.
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { ContainedCallback, type Outcome } from "./contained.ts";

/** Returns metrics by name: any values that JSON can carry. */
export type MetricCallback = () => Record<string, unknown> | Promise<Record<string, unknown>>;

const AsyncFunction = (async () => undefined).constructor;

export class Metrics {
  readonly #sources = new Set<ContainedCallback<JsonObject>>();

  add(callback: MetricCallback, limitMs: number, tell: (text: string) => void): () => void {
    const source = new ContainedCallback("metric callback", callback, toJson, limitMs, tell);
    this.#sources.add(source);
    // Asks ahead, so that the next report has an answer.
    if (callback instanceof AsyncFunction) void source.call();
    return () => void this.#sources.delete(source);
  }

  /** The metrics now: plain callbacks are called, of asynchronous ones the last answer counts and a new one is asked for. */
  collect(): JsonObject | undefined {
    if (this.#sources.size === 0) return undefined;
    const merged = merge(
      [...this.#sources].map((source) => {
        const result = source.call();
        return { name: source.name, outcome: result instanceof Promise ? source.last : result };
      }),
    );
    return Object.keys(merged).length > 0 ? merged : undefined;
  }

  /** The metrics now, those of asynchronous callbacks too: waits for them, each within its limit. Never rejects. */
  async ask(): Promise<JsonObject> {
    return merge(
      await Promise.all(
        [...this.#sources].map(async (source) => ({ name: source.name, outcome: await source.call() })),
      ),
    );
  }
}

function merge(answers: { name: string; outcome: Outcome<JsonObject> | undefined }[]): JsonObject {
  const merged: JsonObject = {};
  const errors: string[] = [];
  for (const { name, outcome } of answers) {
    if (outcome?.ok) Object.assign(merged, outcome.value);
    else if (outcome) errors.push(`${name}: ${outcome.fault}`);
  }
  if (errors.length > 0) merged.metric_errors = errors;
  return merged;
}

/** A copy as JSON will carry it. @throws Error when it cannot */
function toJson(value: unknown): JsonObject {
  let copy: unknown;
  try {
    copy = JSON.parse(JSON.stringify(value));
  } catch (error) {
    throw new Error(`its result is no JSON (${describeError(error)})`, { cause: error });
  }
  if (typeof copy !== "object" || copy === null || Array.isArray(copy)) throw new Error("its result is no object");
  // Parsed from JSON, and an object.
  return copy as JsonObject;
}
