// The command line of a soak.
import { parseArgs } from "node:util";

export interface SoakOptions {
  minutes: number;
  /** Decides what is done, to whom and when. */
  seed: number;
  /** A Markdown file whose table of the last run is to be replaced. */
  report: string | undefined;
  /** Keep the folder of the run, whatever comes of it. */
  keep: boolean;
  /** Only these kinds of fault. */
  only: string[];
}

export const USAGE =
  "Usage: bun test/soak/run.ts --minutes 60 [--seed N] [--report docs/reliability.md] [--keep] [--only FAULT …]\n";

/** @throws Error in words when the line is not as `USAGE` says */
export function readOptions(args: string[], faults: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: "string", default: "3" },
      seed: { type: "string" },
      report: { type: "string" },
      keep: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes: given ${values.minutes}, expected a number above 0`);
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed: given ${values.seed}, expected a whole number`);
  const unknown = values.only.filter((name) => !faults.includes(name));
  if (unknown.length > 0) throw new Error(`--only: no fault ${unknown.join(", ")}; there are ${faults.join(", ")}`);
  return { minutes, seed, report: values.report, keep: values.keep, only: values.only };
}
