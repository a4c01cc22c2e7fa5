// Memory of processes as the kernel counts it.
import { readFileSync } from "node:fs";

/** Proportional set size of the processes together, kB: shared pages are divided among those who share them. */
export function pssKb(pids: number[]): number {
  return sum(pids, /^Pss:\s+(\d+) kB/m);
}

/** Memory that would come free if they ended, kB. */
export function privateKb(pids: number[]): number {
  return sum(pids, /^Private_Dirty:\s+(\d+) kB/m);
}

function sum(pids: number[], pattern: RegExp): number {
  let total = 0;
  for (const pid of pids) {
    try {
      total += Number(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8").match(pattern)?.[1] ?? 0);
    } catch {
      // Ended meanwhile: it has no memory any more.
    }
  }
  return total;
}
