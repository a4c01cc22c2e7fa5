// Disturbs a fleet of sixty services for as long as is wanted, and tells whether it kept what it promises.
// Usage: see options.ts, and docs/reliability.md.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ACTIONS } from "./actions/table.ts";
import { readOptions, type SoakOptions, USAGE } from "./options.ts";
import { reportOf, withReport } from "./report.ts";
import { soak } from "./soak.ts";
import { makeWorld } from "./world.ts";

function optionsOrEnd(): SoakOptions {
  try {
    return readOptions(
      process.argv.slice(2),
      ACTIONS.map(({ name }) => name),
    );
  } catch (error) {
    process.stderr.write(`soak: ${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exit(2);
  }
}

const options = optionsOrEnd();
const folder = mkdtempSync(join(tmpdir(), "tcs-soak-"));
const enough = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => enough.abort());
let violations = 1;
try {
  process.stderr.write(`soak: ${options.minutes} minutes, seed ${options.seed}, in ${folder}\n`);
  await using world = await makeWorld(folder);
  const result = await soak(world, options, enough.signal);
  violations = result.violations.length;
  const report = reportOf(result);
  process.stdout.write(report);
  if (options.report !== undefined) {
    writeFileSync(options.report, withReport(readFileSync(options.report, "utf8"), report));
  }
} finally {
  if (violations === 0 && !options.keep) rmSync(folder, { recursive: true, force: true });
  else process.stderr.write(`soak: its journal, logs and files are in ${folder}\n`);
}
process.exit(violations === 0 ? 0 : 1);
