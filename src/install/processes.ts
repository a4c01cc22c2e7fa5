// Who runs which version of a prefix on this host.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, dirname } from "node:path";
import { launcherLocks } from "../launcher/lock.ts";
import type { Layout } from "./layout.ts";

/** A process that runs an installed version. */
export interface InstalledProcess {
  pid: number;
  /** Folder of its version. */
  version: string;
  args: string[];
}

/** A launcher that runs an installed version. */
export interface InstalledLauncher extends InstalledProcess {
  /** Its lock file. */
  lock: string;
  /** Its configuration. */
  config: string;
  /** It knows how to be renewed, and can be. */
  renews: boolean;
}

/** Processes of other users are seen by root only. */
export function processesOf({ home }: Layout): InstalledProcess[] {
  return numbersIn("/proc").flatMap((pid) => {
    try {
      const executable = readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, "");
      const folder = dirname(executable);
      if (dirname(folder) !== home) return [];
      const [, ...args] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
      return [{ pid, version: basename(folder), args }];
    } catch {
      // It has ended, or is another user's.
      return [];
    }
  });
}

/** Launchers, and whatever else runs and is nobody's child that would be renewed with it. */
export function sortedProcesses(layout: Layout): { launchers: InstalledLauncher[]; others: InstalledProcess[] } {
  const all = processesOf(layout).filter(({ pid, args }) => pid !== process.pid && args[0] !== "__host");
  const launchers = all.flatMap((found) => {
    const lock = lockOf(found);
    return lock ? [{ ...found, ...lock }] : [];
  });
  const known = new Set(launchers.flatMap(({ pid }) => [pid, parentOf(pid)]));
  return { launchers, others: all.filter(({ pid }) => !known.has(pid)) };
}

function lockOf({ pid, args }: InstalledProcess): Pick<InstalledLauncher, "lock" | "config" | "renews"> | undefined {
  if (args[0] !== "run") return undefined;
  for (const { path: lock, owner } of launcherLocks(environmentOf(pid))) {
    if (owner?.pid !== pid) continue;
    const config = typeof owner.config === "string" ? owner.config : (args[1] ?? "");
    return { lock, config, renews: owner.renews === true };
  }
  return undefined;
}

function environmentOf(pid: number): Record<string, string> {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return Object.fromEntries(entries.map((entry) => [entry.split("=", 1)[0], entry.slice(entry.indexOf("=") + 1)]));
  } catch {
    // Gone, or another user's: then its locks are not found either.
    return {};
  }
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    // It has just ended.
    return 0;
  }
}

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    // No /proc on this system.
    return [];
  }
}
