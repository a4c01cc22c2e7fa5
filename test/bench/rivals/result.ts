// What all runs of a supervisor come to, and which of them are ahead of tcs.
import { median } from "../table.ts";
import type { Figures } from "./measure.ts";

/** Of several figures. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

export const MEASURES = ["start", "restart", "stop", "memory"] as const;
export type Measure = (typeof MEASURES)[number];

export interface Result extends Record<Measure, Spread> {
  name: string;
  version: string;
}

/** @param runs at least one */
export function resultOf(name: string, version: string, runs: readonly Figures[]): Result {
  return {
    name,
    version,
    start: spread(runs.map(({ startMs }) => startMs)),
    restart: spread(runs.flatMap(({ restartMs }) => restartMs)),
    stop: spread(runs.map(({ stopMs }) => stopMs)),
    memory: spread(runs.map(({ memoryMb }) => memoryMb)),
  };
}

function spread(figures: readonly number[]): Spread {
  return { median: median(figures), least: Math.min(...figures), most: Math.max(...figures) };
}

/** Rows whose name begins with this are tcs; the one that bears no other name runs what the rivals run. */
export const OURS = "tcs";

/** Rows of services of tcs itself. Their memory is that of the launcher and of all services: they share what they load. */
export const OWN_SERVICES = "tcs services";

export function isOwnServices({ name }: Pick<Result, "name">): boolean {
  return name.startsWith(OWN_SERVICES);
}

/** Rivals whose median is less than that of tcs with the same programs, least first, with the quotient. */
export function aheadIn(measure: Measure, results: readonly Result[]): { name: string; quotient: number }[] {
  const ours = results.find(({ name }) => name === OURS)?.[measure].median ?? 0;
  return results
    .filter(({ name }) => !name.startsWith(OURS))
    .map((rival) => ({ name: rival.name, quotient: rival[measure].median / ours }))
    .filter(({ quotient }) => quotient < 1)
    .sort((a, b) => a.quotient - b.quotient);
}
