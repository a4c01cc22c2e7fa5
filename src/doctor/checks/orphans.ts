// Is anything left of launchers that have gone?
import { existsSync } from "node:fs";
import { isAlive } from "../../common/process-info.ts";
import { error, type Finding, ok } from "../finding.ts";
import { markedProcesses, orphans } from "../processes.ts";

/** What a launcher leaves has three seconds to end by itself; then it is killed. */
const GRACE_MS = 4_000;
const MOST_TOLD = 5;

export async function checkOrphans(): Promise<Finding[]> {
  if (!existsSync("/proc/self/environ")) return [ok("not known: this system has no /proc")];
  let left = orphans(markedProcesses());
  if (left.length > 0) {
    await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
    left = left.filter(isAlive);
  }
  if (left.length === 0) return [ok("nothing is left of launchers that have gone")];
  const told = left.slice(0, MOST_TOLD);
  const more = left.length - told.length;
  return [
    ...told.map(({ pid, launcherPid, command }) =>
      error(`pid ${pid} (${command}) is left of a launcher that has gone (pid ${launcherPid})`, `kill -9 ${pid}`),
    ),
    ...(more > 0 ? [error(`and ${more} more`, "end those above, and look again")] : []),
  ];
}
