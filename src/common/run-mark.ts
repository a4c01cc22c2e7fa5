// The mark of a run: an environment variable that everything a launcher's services start inherits, and is known by.
import { readFileSync } from "node:fs";
import { UnsupportedError } from "./errors.ts";

/** Its name. */
export const RUN_MARK = "TCS_RUN";

/** The mark of this very process as it stands in environments (`TCS_RUN=…`); undefined when it has none of its own. */
export function runMark(): string | undefined {
  const value = process.env[RUN_MARK];
  // A launcher that was started by another launcher's service has inherited that one's.
  return value?.startsWith(`${process.pid}-`) ? `${RUN_MARK}=${value}` : undefined;
}

/** Whether a launcher's service may have started a process: false only for one that lives and has no mark. */
export function mayBeMarked(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1")
      .split("\0")
      .some((entry) => entry.startsWith(`${RUN_MARK}=`));
  } catch {
    // Another user's, or gone, or a system without /proc: nothing can be said.
    return true;
  }
}

/**
 * Begins this program anew (same pid, same files) with a mark in its environment: what it starts inherits the
 * environment it was started with, and no later change. Returns only when it is marked already.
 * @param command how to start this program again, as `[executable, …arguments]`
 */
export function beginMarked(command: readonly [string, ...string[]]): void {
  if (runMark() !== undefined) return;
  const { execve } = process;
  if (!execve) throw new UnsupportedError("this system cannot replace a program (execve): tcs run needs it");
  const env = { ...process.env, [RUN_MARK]: `${process.pid}-${crypto.randomUUID()}` };
  execve.call(process, command[0], [...command], env);
}

/** This process's environment without the mark: for helpers that must outlive the services. */
export function withoutMark(): Record<string, string | undefined> {
  return { ...process.env, [RUN_MARK]: undefined };
}
