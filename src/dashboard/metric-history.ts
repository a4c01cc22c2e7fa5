// The numbers of each service in the last minutes: the sparklines of the page.
import type { ServiceInfo } from "../client/index.ts";
import type { Sample } from "./told.ts";

/** Ten minutes of beats. */
const MOST_SAMPLES = 120;
/** Of one service, and of all: about 12 MB. */
const MOST_NAMES = 20;
const MOST_SERIES = 5_000;

export class MetricHistory {
  readonly #series = new Map<string, Map<string, Sample[]>>();
  #count = 0;

  note({ serviceId, metrics }: ServiceInfo, now: number): void {
    const numbers = numbersOf(metrics);
    this.#makeRoom(serviceId, numbers);
    for (const [name, value] of Object.entries(numbers)) this.#add(serviceId, name, [now, value]);
  }

  forget(id: string): void {
    this.#count -= this.#series.get(id)?.size ?? 0;
    this.#series.delete(id);
  }

  of(id: string): Record<string, Sample[]> {
    return Object.fromEntries(this.#series.get(id) ?? []);
  }

  /** One whose names change all the time has no more of them than others: those it no longer tells go, the oldest first. */
  #makeRoom(id: string, numbers: Record<string, number>): void {
    const names = this.#series.get(id);
    if (!names) return;
    let surplus = Object.keys(numbers).filter((name) => !names.has(name)).length + names.size - MOST_NAMES;
    for (const name of names.keys()) {
      if (surplus <= 0) return;
      if (Object.hasOwn(numbers, name)) continue;
      names.delete(name);
      this.#count -= 1;
      surplus -= 1;
    }
  }

  #add(id: string, name: string, sample: Sample): void {
    const names = this.#series.get(id) ?? new Map<string, Sample[]>();
    let samples = names.get(name);
    if (!samples) {
      if (this.#count >= MOST_SERIES) return;
      samples = [];
      this.#count += 1;
      names.set(name, samples);
      this.#series.set(id, names);
    }
    samples.push(sample);
    if (samples.length > MOST_SAMPLES) samples.shift();
  }
}

/** Those of a service's metrics that are numbers, so many as are shown. */
export function numbersOf(metrics: ServiceInfo["metrics"]): Record<string, number> {
  const numbers: Record<string, number> = {};
  let count = 0;
  for (const [name, value] of Object.entries(metrics)) {
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    numbers[name] = value;
    count += 1;
    if (count === MOST_NAMES) break;
  }
  return numbers;
}
