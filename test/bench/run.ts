// Measurements of the compiled binary: prints a table of medians.
// Usage: npm run bench [-- SECTION…] [--runs 5]
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { configs } from "./config.ts";
import { fleets, large } from "./fleet.ts";
import { hangs } from "./hang.ts";
import { changes } from "./live-config.ts";
import { messages } from "./messenger.ts";
import { queues } from "./queue.ts";
import { restarts } from "./restart.ts";
import { times, timeTcs } from "./run-tcs.ts";
import { settings } from "./settings.ts";
import { storms } from "./storm.ts";
import { units } from "./systemd.ts";
import { row, table } from "./table.ts";
import { zmtp } from "./zmtp.ts";

const SECTIONS = {
  commands,
  configs,
  fleets,
  large,
  restarts,
  hangs,
  changes,
  settings,
  storms,
  units,
  messages,
  queues,
  zmtp,
};

async function commands(runs: number): Promise<string[][]> {
  // The first start reads the file from the disk.
  await timeTcs(["--version"]);
  return [
    row("tcs --version, whole process", await times(runs, () => timeTcs(["--version"])), "ms"),
    row("tcs --help, whole process", await times(runs, () => timeTcs(["--help"])), "ms"),
  ];
}

const { values, positionals } = parseArgs({ options: { runs: { type: "string" } }, allowPositionals: true });
const unknown = positionals.filter((name) => !Object.hasOwn(SECTIONS, name));
if (unknown.length > 0) {
  process.stderr.write(`bench: no section ${unknown.join(", ")}; there are ${Object.keys(SECTIONS).join(", ")}\n`);
  process.exit(2);
}
const rows: string[][] = [];
for (const [name, measure] of Object.entries(SECTIONS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  process.stderr.write(`bench: ${name} (load ${loadavg()[0]?.toFixed(1)})\n`);
  rows.push(...(await measure(Number(values.runs) || 5)));
}
process.stdout.write(table(["measure", "median", "min", "max", ""], rows));
