// What runs on this machine because of a test: found by what it inherited.
import { readdirSync, readFileSync } from "node:fs";
import { identifyProcess, type ProcessIdentity } from "../../src/common/process-info.ts";

/** Living processes whose environment has `text`: whatever a launcher started inherits its own. */
export function processesWith(text: string): ProcessIdentity[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        if (!readFileSync(`/proc/${name}/environ`, "latin1").includes(text)) return [];
      } catch {
        // Gone meanwhile.
        return [];
      }
      const found = identifyProcess(Number(name));
      return found ? [found] : [];
    });
}

/** The command line of a process, words joined by blanks; empty when it is gone. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    // Gone meanwhile.
    return "";
  }
}

/** Whether a process has a handler for the signal of that number: without one it ends by most of them. */
export function catches(pid: number, signal: number): boolean {
  try {
    const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? "0";
    return ((BigInt(`0x${caught}`) >> BigInt(signal - 1)) & 1n) === 1n;
  } catch {
    // Gone meanwhile.
    return false;
  }
}

/** Pids of the children of a process. */
export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return text.split(" ").flatMap((word) => (word.trim() === "" ? [] : [Number(word)]));
  } catch {
    // Gone meanwhile.
    return [];
  }
}
