// The result of a soak, as Markdown.
import { cpus } from "node:os";
import type { Sample } from "./invariants/flat.ts";
import type { Violation } from "./journal.ts";
import type { SoakOptions } from "./options.ts";
import type { Recovered } from "./recoveries.ts";

export interface SoakResult {
  options: SoakOptions;
  /** How long it really was. */
  minutes: number;
  rounds: number;
  services: number;
  onHosts: boolean;
  done: Map<string, { done: number; skipped: number }>;
  /** From the last fault of each round until all was well. */
  restMs: number[];
  recoveries: Recovered[];
  samples: Sample[];
  violations: Violation[];
  seen: {
    events: number;
    crashesTold: number;
    crashesNotJudged: number;
    doublesAllowed: number;
    longestOrphanMs: number;
    statusLooks: number;
    wrongMs: number[];
    slowness: number;
  };
}

export function reportOf(result: SoakResult): string {
  const { options, minutes, rounds, services, seen, violations, samples } = result;
  const date = new Date().toISOString().slice(0, 10);
  const faults = [...result.done.values()].reduce((sum, { done }) => sum + done, 0);
  const lines = [
    `${date}, \`bun test/soak/run.ts --minutes ${options.minutes} --seed ${options.seed}\`: ${minutes.toFixed(0)} minutes, ${rounds} rounds, ` +
      `${services} services, ${faults} faults and orders, **${violations.length} violations**. ${cpus().length} processors, ` +
      `at the worst ${seen.slowness.toFixed(1)} times slower than an idle machine${result.onHosts ? "" : "; not root: no hosts, no full disks"}.`,
    "",
    ...violations.map(({ at, invariant, what }) => `- ${at.toFixed(0)} s, ${invariant}: ${what}`),
    ...(violations.length > 0 ? [""] : []),
    ...table(
      ["looked at", ""],
      [
        ["registry events, each in its order", String(seen.events)],
        ["crashes made; all their events came in order", String(seen.crashesTold)],
        [
          "crashes not judged: their launcher was ended or frozen too, or an order came between",
          String(seen.crashesNotJudged),
        ],
        ["two instances, as the rules of ownership allow while one's launcher is cut off", String(seen.doublesAllowed)],
        ["longest life of a process without its parent", `${(seen.longestOrphanMs / 1000).toFixed(1)} s`],
        ["`tcs status` compared with what really runs", `${seen.statusLooks} times`],
        ["a service shown otherwise than it is: how long, p50 / p99 / longest", seconds(seen.wrongMs)],
        ["last fault of a round to all 60 well, p50 / p99 / longest", seconds(result.restMs)],
      ],
    ),
    "",
    ...table(
      ["done", "times", "not possible just then"],
      [...result.done].sort().map(([name, { done, skipped }]) => [name, String(done), String(skipped)]),
    ),
    "",
    ...table(
      ["from the fault's end to well again", "measured", "p50", "p99", "longest", "overtaken by another fault"],
      result.recoveries.map(({ fault, ms, overtaken }) => [
        fault,
        String(ms.length),
        ...percentiles(ms),
        String(overtaken),
      ]),
    ),
    "",
    ...table(
      ["launcher of `steady`, at rest", "minute", "own memory", "open files", "threads"],
      [
        ["start", samples[0]],
        ["middle", samples[samples.length >> 1]],
        ["end", samples.at(-1)],
      ].flatMap(([when, sample]) =>
        sample === undefined || typeof sample === "string"
          ? []
          : [
              [
                String(when),
                (sample.at / 60).toFixed(0),
                `${sample.memoryMb.toFixed(0)} MB`,
                String(sample.files),
                String(sample.threads),
              ],
            ],
      ),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function table(head: string[], rows: string[][]): string[] {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}

const seconds = (ms: number[]): string => (ms.length === 0 ? "never" : percentiles(ms).join(" / "));

function percentiles(ms: number[]): string[] {
  const sorted = [...ms].sort((one, other) => one - other);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return [at(0.5), at(0.99), sorted.at(-1)].map((value) =>
    value === undefined ? "" : `${(value / 1000).toFixed(2)} s`,
  );
}

const BEGIN = "<!-- soak: result -->";
const END = "<!-- soak: end -->";

/** The text of a page with the result in place of the one before. @throws Error when it has no place for it */
export function withReport(page: string, report: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`there is no ${BEGIN} … ${END} to write the result to`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${report}\n${page.slice(to)}`;
}
