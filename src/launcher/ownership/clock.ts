// The clock of leases: it never goes back, and goes on while the machine sleeps.
import { readFileSync } from "node:fs";

/**
 * Milliseconds since an arbitrary moment, steps of 10 ms. Unlike `performance.now()` it counts the time of a suspended
 * machine: a laptop that wakes up must not believe in a lease that ran out meanwhile.
 */
export function leaseClock(): number {
  try {
    const seconds = Number.parseFloat(readFileSync("/proc/uptime", "latin1"));
    if (Number.isFinite(seconds)) return seconds * 1000;
  } catch {
    // A system without /proc: the next best clock.
  }
  return performance.now();
}
