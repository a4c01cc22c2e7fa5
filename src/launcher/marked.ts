// Processes known by what they have inherited in their environment, and the end of those that were left behind.
import { readdirSync, readFileSync } from "node:fs";

/**
 * Ends whatever still carries `mark` (`NAME=value`), but for this process.
 * @param others if given, only what carries one of these, too
 */
export function endMarked(mark: string, others?: ReadonlySet<string>): void {
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const text = environmentOf(pid);
    // Nearly all are strangers: the whole is only taken apart for those that are not.
    if (!text.includes(mark)) continue;
    const environment = new Set(text.split("\0"));
    if (!environment.has(mark) || others?.isDisjointFrom(environment)) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  }
}

/** Whether `pid` was started with all of `marks` in its environment. */
export function carries(pid: number, marks: readonly string[]): boolean {
  const environment = new Set(environmentOf(pid).split("\0"));
  return marks.every((mark) => environment.has(mark));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    // Gone meanwhile, or another user's: not ours.
    return "";
  }
}

/**
 * Ends what carries the mark of this run and that of a service. A look at every process of the host costs milliseconds,
 * and a fleet ends all at once: whoever asks in one turn of the loop is served by one look.
 */
export class MarkedEnds {
  readonly #mark: string;
  readonly #end: typeof endMarked;
  #asked = new Set<string>();
  #look: Promise<void> | undefined;

  /** @param mark of the run */
  constructor(mark: string, end = endMarked) {
    this.#mark = mark;
    this.#end = end;
  }

  /** Resolves when all that carries `mark`, too, has its SIGKILL. */
  end(mark: string): Promise<void> {
    this.#asked.add(mark);
    this.#look ??= new Promise((resolve) => setImmediate(resolve)).then(() => {
      const asked = this.#asked;
      this.#asked = new Set();
      this.#look = undefined;
      this.#end(this.#mark, asked);
    });
    return this.#look;
  }
}
