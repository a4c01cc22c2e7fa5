// What a dead launcher has left on this host: known by the mark of its run, which everything it started has inherited.
import { readdirSync, readFileSync } from "node:fs";
import { RUN_MARK } from "../../common/run-mark.ts";
import { CHILD_COMMAND } from "../self-command.ts";

export interface LeftProcess {
  /** Of a foreign program, and what it started. */
  serviceId: string | undefined;
  /** Of a process of services: the service, or their group. */
  hostName: string | undefined;
}

/** Living processes that launchers of these pids have started. Those that may not be looked at are left out. */
export function leftBy(launchers: readonly number[]): LeftProcess[] {
  const marks = launchers.map((pid) => `${RUN_MARK}=${pid}-`);
  return readdirSync("/proc").flatMap((name) => {
    const environment = /^\d+$/.test(name) ? entriesOf(name, "environ") : [];
    if (!environment.some((entry) => marks.some((mark) => entry.startsWith(mark)))) return [];
    const prefix = "TCS_SERVICE_ID=";
    const serviceId = environment.find((entry) => entry.startsWith(prefix))?.slice(prefix.length);
    return { serviceId, hostName: hostName(name) };
  });
}

/** A word of its command line. */
function hostName(pid: string): string | undefined {
  const words = entriesOf(pid, "cmdline");
  const at = words.indexOf(CHILD_COMMAND);
  return at < 0 ? undefined : words[at + 1];
}

/** Empty of a zombie, too. */
function entriesOf(pid: string, file: "environ" | "cmdline"): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1").split("\0");
  } catch {
    // Gone meanwhile, or another user's.
    return [];
  }
}
