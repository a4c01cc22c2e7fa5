// The processes of this host that belong to a run: whoever a launcher starts inherits its mark.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { identifyProcess, type ProcessIdentity } from "../common/process-info.ts";
import { RUN_MARK } from "../common/run-mark.ts";

export interface MarkedProcess extends ProcessIdentity {
  /** Of the launcher, as its mark says. */
  launcherPid: number;
  mark: string;
  /** Words joined by blanks, shortened. */
  command: string;
}

const MARK = `${RUN_MARK}=`;
const LONGEST_COMMAND = 60;

/** Marked processes whose environment this user may read, of this pid namespace: in others, pids mean others. */
export function markedProcesses(): MarkedProcess[] {
  const home = namespaceOf("self");
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    const mark = environment(pid)?.find((entry) => entry.startsWith(MARK));
    const launcherPid = Number(/^(\d+)-/.exec(mark?.slice(MARK.length) ?? "")?.[1]);
    if (mark === undefined || Number.isNaN(launcherPid) || namespaceOf(pid) !== home) return [];
    const identity = identifyProcess(pid);
    return identity ? [{ ...identity, launcherPid, mark, command: commandOf(pid) }] : [];
  });
}

/** Those whose launcher is gone. One that cannot be looked at, as another user's, counts as there. */
export function orphans(marked: readonly MarkedProcess[]): MarkedProcess[] {
  return marked.filter(({ launcherPid, mark }) => {
    if (!identifyProcess(launcherPid)) return true;
    const entries = environment(launcherPid);
    return entries !== undefined && !entries.includes(mark);
  });
}

function environment(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
  } catch {
    // Gone meanwhile, or another user's.
    return undefined;
  }
}

function namespaceOf(pid: number | "self"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    // As above.
    return undefined;
  }
}

function commandOf(pid: number): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return words.length > LONGEST_COMMAND ? `${words.slice(0, LONGEST_COMMAND)}…` : words;
  } catch {
    // As above.
    return "";
  }
}
