// Memory and file descriptors of a launcher that is never killed stay as they are: compared at rest, after each round.
import { readdirSync, readFileSync } from "node:fs";
import type { Journal } from "../journal.ts";

export interface Sample {
  /** Seconds since the run began. */
  at: number;
  /** Its own memory (RssAnon), MB. */
  memoryMb: number;
  files: number;
  threads: number;
}

/** What is filled in the first rounds (code that is compiled, buffers, the log's ring) is no leak. */
const WARM_UP = 4;
/** With fewer samples beyond that nothing is said of memory. */
const ENOUGH = 8;
const MEMORY_GROWTH = 1.3;
const MEMORY_SLACK_MB = 30;
const FILE_SLACK = 8;

export class Flat {
  readonly name = "memory and files flat";
  readonly samples: Sample[] = [];
  readonly #journal: Pick<Journal, "violation" | "elapsed">;

  constructor(journal: Pick<Journal, "violation" | "elapsed">) {
    this.#journal = journal;
  }

  /** @param pid of the launcher, at rest */
  sample(pid: number): void {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const of = (key: string) => Number(status.match(new RegExp(`^${key}:\\s+(\\d+)`, "m"))?.[1]);
    const files = readdirSync(`/proc/${pid}/fd`).length;
    this.take({ at: this.#journal.elapsed, memoryMb: of("RssAnon") / 1024, files, threads: of("Threads") });
  }

  take(sample: Sample): void {
    this.samples.push(sample);
    const warm = this.samples.slice(WARM_UP);
    const quarter = Math.floor(warm.length / 4);
    if (warm.length < ENOUGH) return;
    const begin = middle(warm.slice(0, quarter));
    const end = middle(warm.slice(-quarter));
    if (end.files > begin.files + FILE_SLACK) {
      this.#journal.violation(this.name, "files", `from ${begin.files} open files to ${end.files}`);
    }
    if (end.memoryMb > begin.memoryMb * MEMORY_GROWTH + MEMORY_SLACK_MB) {
      const [from, to] = [begin.memoryMb, end.memoryMb].map(Math.round);
      this.#journal.violation(this.name, "memory", `from ${from} MB to ${to} MB`);
    }
  }
}

/** The median of each, by itself. */
function middle(samples: Sample[]): Sample {
  const of = (key: keyof Sample) =>
    samples.map((sample) => sample[key]).sort((one, other) => one - other)[samples.length >> 1] ?? 0;
  return { at: of("at"), memoryMb: of("memoryMb"), files: of("files"), threads: of("threads") };
}
