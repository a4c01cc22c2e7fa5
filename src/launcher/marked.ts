// Processes known by what they have inherited in their environment, and the end of those that were left behind.
import { readdirSync, readFileSync } from "node:fs";

/** Ends whatever still carries all of `marks` (`NAME=value`), but for this process. */
export function endMarked(...marks: [string, ...string[]]): void {
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid || !carries(pid, marks)) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  }
}

/** Whether `pid` was started with all of `marks` in its environment. */
export function carries(pid: number, marks: readonly string[]): boolean {
  try {
    const environment = new Set(readFileSync(`/proc/${pid}/environ`, "latin1").split("\0"));
    return marks.every((mark) => environment.has(mark));
  } catch {
    // Gone meanwhile, or another user's: not ours.
    return false;
  }
}
