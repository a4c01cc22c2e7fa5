// Ends what a run's services have left behind.
import { readdirSync, readFileSync } from "node:fs";

/** Ends whatever still carries `mark`, but for this process. For the end of a launcher, when its hosts have ended. */
export function endMarked(mark: string): void {
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid || !carries(pid, mark)) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  }
}

function carries(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(mark);
  } catch {
    // Gone meanwhile, or another user's: not ours.
    return false;
  }
}
