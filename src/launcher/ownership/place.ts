// Where a process lives, and whether one that is named in the bucket is certainly gone.
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { identifyProcess } from "../../common/process-info.ts";

/** A launcher's process, as others read of it. */
export interface Party {
  /** Monitor name of the launcher. */
  launcher: string;
  host: string;
  pid: number;
  /** Clock ticks since boot; 0 when unknown. */
  startTime: number;
  /** Boot and pid namespace: only there does the pid mean anything. Empty when unknown. */
  place: string;
  /** Configuration file. */
  config: string;
}

/** This process. */
export function thisParty(launcher: string, config: string, place = thisPlace()): Party {
  const startTime = identifyProcess(process.pid)?.startTime ?? 0;
  return { launcher, host: hostname(), pid: process.pid, startTime, place, config };
}

/** This boot of this machine, and the pid namespace: host names repeat, and containers may share one. */
export function thisPlace(): string {
  try {
    const boot = bootId();
    return boot === "" ? "" : `${boot}/${readlinkSync("/proc/self/ns/pid").replaceAll(/\D/g, "")}`;
  } catch {
    // No such thing on this system: then nobody's death can be proven.
    return "";
  }
}

/** Identifies this boot of this machine; empty on a system that does not tell. */
export function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    // Not Linux.
    return "";
  }
}

/** Identifies this machine over all its boots (machine-id(5)); empty where there is none. */
export function machineId(): string {
  try {
    const id = readFileSync("/etc/machine-id", "latin1").trim();
    return /^[0-9a-f]{32}$/.test(id) ? id : "";
  } catch {
    // A container, as a rule.
    return "";
  }
}

/** True only when it is certain: the same place, and no such process there. */
export function isCertainlyGone(party: Pick<Party, "pid" | "startTime" | "place">, place = thisPlace()): boolean {
  if (place === "" || party.place !== place || party.startTime === 0) return false;
  const found = identifyProcess(party.pid);
  return found ? found.startTime !== party.startTime : isPidFree(party.pid) || isZombie(party.pid);
}

/** No process of this host has the pid. A /proc that hides the processes of others does not deceive it. */
export function isPidFree(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

function isZombie(pid: number): boolean {
  try {
    return /\) [ZXx] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    // Hidden, or gone in this moment: the next look tells.
    return false;
  }
}
