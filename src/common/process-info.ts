// Who a pid is: pids are reused, and a zombie still answers signals, so state and start time are read from /proc.
import { readdirSync, readFileSync } from "node:fs";

/** A process that cannot be confused with a later one of the same pid. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks since boot, field 22 of /proc/<pid>/stat. */
  startTime: number;
}

/** The living process `pid`; undefined when there is none, when it is a zombie, or on a system without /proc. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    // No such process, or no /proc: both mean that nothing can be said about it.
    return undefined;
  }
  return parseStat(pid, stat);
}

/** True while the very process that was identified lives. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return identifyProcess(pid)?.startTime === startTime;
}

/** The process group that `pid` belongs to; undefined when there is no such process. */
export function processGroupOf(pid: number): number | undefined {
  try {
    // Field 5 of /proc/<pid>/stat; see parseStat.
    return Number(afterName(readFileSync(`/proc/${pid}/stat`, "utf8"))[5 - 3]);
  } catch {
    // Gone, or no /proc: then it is in no group that anybody knows.
    return undefined;
  }
}

/** Whether the group that `leader` led has a living member. A zombie is none: nobody may ever reap it. */
export function isGroupAlive(leader: number): boolean {
  try {
    process.kill(-leader, 0);
  } catch (error) {
    // Nobody, not even a zombie, as nearly always: then there is no need to look at every process.
    if ((error as { code?: unknown }).code === "ESRCH") return false;
  }
  return readdirSync("/proc").some(
    (name) =>
      /^\d+$/.test(name) && processGroupOf(Number(name)) === leader && identifyProcess(Number(name)) !== undefined,
  );
}

/** What a line of /proc/<pid>/stat says; undefined for a zombie. */
export function parseStat(pid: number, stat: string): ProcessIdentity | undefined {
  const [state, ...later] = afterName(stat);
  // `later` begins with field 4.
  const startTime = Number(later[22 - 4]);
  if (state === undefined || !Number.isSafeInteger(startTime)) return undefined;
  return /^[ZXx]$/.test(state) ? undefined : { pid, startTime };
}

/** Fields 3 and on. proc(5): the command name, field 2, stands in parentheses and may itself hold spaces and parentheses. */
function afterName(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
