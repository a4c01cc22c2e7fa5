// What really runs because of a soak, by /proc alone: found by a mark that everything inherits.
import { readdirSync, readFileSync } from "node:fs";
import { identifyProcess } from "../../src/common/process-info.ts";

/** In the environment of everything a launcher starts, and its own; the value begins with that of the soak. */
export const MARK = "TCS_SOAK";

export interface SeenProcess {
  pid: number;
  startTime: number;
  parent: number;
  /** Its pid on its own host. */
  innerPid: number;
  isZombie: boolean;
  command: string;
  /** What it was started with. */
  launcher: string;
  /** Of a foreign program, and what it started. */
  serviceId: string | undefined;
}

type About = Pick<SeenProcess, "innerPid" | "command" | "launcher" | "serviceId">;

interface Known {
  startTime: number;
  firstSeen: number;
  /** Absent for what is not of this soak. */
  about: About | undefined;
}

/** For so long a process may still be about to become another program, milliseconds. */
const YOUNG_MS = 2000;

export class Processes {
  readonly #mark: string;
  /** What is known of each pid: it is not read again when it is not new any more. */
  readonly #known = new Map<number, Known>();

  /** @param run what tells this soak from another one */
  constructor(run: string) {
    this.#mark = `${MARK}=${run}/`;
  }

  /** All that live now, and zombies of what was seen alive. */
  look(): SeenProcess[] {
    const pids = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
    const here = new Set(pids);
    for (const pid of this.#known.keys()) if (!here.has(pid)) this.#known.delete(pid);
    return pids.flatMap((pid) => this.#lookAt(pid) ?? []);
  }

  #lookAt(pid: number): SeenProcess | undefined {
    const stat = readText(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // proc(5): state, parent, …, start time, which are fields 3, 4 and 22.
    const [state, parent, startTime] = [fields[0], Number(fields[1]), Number(fields[19])];
    if (!Number.isFinite(startTime)) return undefined;
    const before = this.#known.get(pid);
    const isSame = before?.startTime === startTime;
    const isZombie = state === "Z" || state === "X";
    // A zombie has no environment any more.
    const isRead = isSame && (isZombie || Date.now() - before.firstSeen > YOUNG_MS);
    const firstSeen = isSame ? before.firstSeen : Date.now();
    const known = isRead ? before : { startTime, firstSeen, about: this.#read(pid) };
    this.#known.set(pid, known);
    return known.about && { pid, startTime, parent, isZombie, ...known.about };
  }

  #read(pid: number): About | undefined {
    const environment = readText(`/proc/${pid}/environ`).split("\0");
    const mark = environment.find((entry) => entry.startsWith(this.#mark));
    if (mark === undefined) return undefined;
    return {
      innerPid: Number(readText(`/proc/${pid}/status`).match(/^NSpid:.*?(\d+)$/m)?.[1] ?? pid),
      command: readText(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim(),
      launcher: mark.slice(this.#mark.length),
      serviceId: environment.find((entry) => entry.startsWith("TCS_SERVICE_ID="))?.split("=")[1],
    };
  }
}

/** Sends a signal to a process that was seen; false when it is gone. */
export function signal({ pid, startTime }: Pick<SeenProcess, "pid" | "startTime">, name: NodeJS.Signals): boolean {
  if (identifyProcess(pid)?.startTime !== startTime) return false;
  process.kill(pid, name);
  return true;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // Gone meanwhile.
    return "";
  }
}
