// tcs beside other supervisors, in one run: the same programs, in turn. Prints a table; with --write it goes into
// docs/performance.md, and a picture beside it. Takes root, apt and npm; nothing is installed on this machine.
// Usage: bun test/bench/rivals.ts [--write] [--runs 5]
import { chmodSync, mkdirSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ownNetwork } from "../support/netns.ts";
import { tempFolder } from "../support/temp.ts";
import type { Candidate, Contestant } from "./rivals/contestant.ts";
import { PAGE, PICTURE, withSection } from "./rivals/document.ts";
import { type Figures, measure } from "./rivals/measure.ts";
import { plotOf } from "./rivals/plot.ts";
import { pm2 } from "./rivals/pm2.ts";
import { aheadText, readTable, tableOf } from "./rivals/report.ts";
import { openReports, programText } from "./rivals/reports.ts";
import { resultOf } from "./rivals/result.ts";
import { runit } from "./rivals/runit.ts";
import { s6 } from "./rivals/s6.ts";
import { supervisor } from "./rivals/supervisor.ts";
import { systemd } from "./rivals/systemd.ts";
import { tcs } from "./rivals/tcs.ts";

const CANDIDATES: readonly Candidate[] = [tcs, systemd, runit, s6, supervisor, pm2];
const COUNT = 50;
const KILLS = 3;

const { values } = parseArgs({ options: { write: { type: "boolean" }, runs: { type: "string" } } });
const rounds = Number(values.runs) || 5;
const say = (text: string) => process.stderr.write(`rivals: ${text}\n`);

await using stack = new AsyncDisposableStack();
const shared = stack.use(tempFolder("tcs-rivals-")).path;
chmodSync(shared, 0o755);
const names = Array.from({ length: COUNT }, (_, nth) => `n${nth + 1}`);
const program = (name: string) => join(shared, "programs", name);
const pipe = join(shared, "pipe");
for (const name of names) {
  await Bun.write(program(name), programText(name, pipe));
  chmodSync(program(name), 0o755);
}

const { contestants, missing } = await fetchAll();
// Nobody else's broker is in it, and nothing leaves it.
stack.use(ownNetwork());
const reports = stack.use(openReports(pipe));
const loads = [load()];
const figures = new Map(contestants.map(({ name }): [string, Figures[]] => [name, []]));
// The first round reads files from the disk and extracts what tcs brings along: it does not count.
for (let round = 0; round <= rounds; round++) {
  say(`round ${round} of ${rounds} (load ${load()})`);
  for (const contestant of contestants) {
    const folder = join(shared, "stages", contestant.name, String(round));
    mkdirSync(folder, { recursive: true });
    const stage = { folder, names, program, pipe };
    const one = await measure(contestant, stage, reports, round === 0 ? 0 : KILLS);
    if (round > 0) figures.get(contestant.name)?.push(one);
  }
  loads.push(load());
}
const results = contestants.map(({ name, version }) => resultOf(name, version, figures.get(name) ?? []));
const table = tableOf(results, COUNT);
const section = `${introduction()}\n${table}\n${aheadText(results, COUNT)}${missing.map((line) => `\n${line}\n`).join("")}`;
process.stdout.write(section);
if (values.write) {
  await Bun.write(PAGE, withSection(await Bun.file(PAGE).text(), section));
  // Of what the table shows, so that both tell the same.
  await Bun.write(PICTURE, plotOf(readTable(table), COUNT));
  say(`written to ${PAGE} and ${PICTURE}`);
}

async function fetchAll(): Promise<{ contestants: Contestant[]; missing: string[] }> {
  const contestants: Contestant[] = [];
  const missing: string[] = [];
  for (const candidate of CANDIDATES) {
    say(`fetching ${candidate.name}`);
    const folder = join(shared, "fetched", candidate.name);
    mkdirSync(folder, { recursive: true });
    try {
      contestants.push(...(await candidate.fetch({ folder, shared, stack })));
    } catch (error) {
      missing.push(`Without ${candidate.name}: ${error instanceof Error ? error.message : error}.`);
    }
  }
  return { contestants, missing };
}

function load(): number {
  return Math.round(10 * (loadavg()[0] ?? 0)) / 10;
}

function introduction(): string {
  const day = new Date().toISOString().slice(0, 10);
  const processors = `${cpus().length} × ${cpus()[0]?.model}`;
  return `Medians of ${rounds} runs in turn, with the least and the greatest; ${KILLS} kills in each run. ${day}, ${processors}, load ${Math.min(...loads)} to ${Math.max(...loads)}.\n`;
}
