// The numbers in a service's own metrics, flat: `{"queue": {"depth": 3}}` is `queue.depth` 3.
import { isJsonObject, type Json, type JsonObject } from "../common/json.ts";

/** Of one service; more would be a mistake, and every one is kept by Prometheus for weeks. */
const MOST_NUMBERS = 200;
const LONGEST_NAME = 100;
const DEEPEST = 4;

/** Numbers by name; true is 1 and false 0. Texts, lists and nulls (no reading) are none. */
export function numbersIn(metrics: JsonObject): [name: string, value: number][] {
  const found: [string, number][] = [];
  collect(metrics, "", 1, found);
  return found;
}

function collect(metrics: JsonObject, head: string, depth: number, found: [string, number][]): void {
  for (const [key, value] of Object.entries(metrics)) {
    if (found.length === MOST_NUMBERS) return;
    const name = (head + key).slice(0, LONGEST_NAME);
    const number = numberOf(value);
    if (number !== undefined) found.push([name, number]);
    else if (isJsonObject(value) && depth < DEEPEST) collect(value, `${name}.`, depth + 1, found);
  }
}

function numberOf(value: Json | undefined): number | undefined {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
