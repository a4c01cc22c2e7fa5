// What a dead launcher has left on this host: known by the mark of its run, which everything it started has inherited.
import { readdirSync, readFileSync } from "node:fs";
import { RUN_MARK } from "../../common/run-mark.ts";

export interface LeftProcess {
  /** Of a foreign program, and what it started; undefined when it cannot be told. */
  serviceId: string | undefined;
}

/** Living processes that launchers of these pids have started. Those that may not be looked at are left out. */
export function leftBy(launchers: readonly number[]): LeftProcess[] {
  const marks = launchers.map((pid) => `${RUN_MARK}=${pid}-`);
  return readdirSync("/proc").flatMap((name) => {
    const environment = /^\d+$/.test(name) ? environmentOf(name) : [];
    if (!environment.some((entry) => marks.some((mark) => entry.startsWith(mark)))) return [];
    const prefix = "TCS_SERVICE_ID=";
    return { serviceId: environment.find((entry) => entry.startsWith(prefix))?.slice(prefix.length) };
  });
}

/** Empty of a zombie, too. */
function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
  } catch {
    // Gone meanwhile, or another user's.
    return [];
  }
}
