// npm run release: everything that is published of one commit, in dist/release/.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { describeError, ExitCode, TcsError } from "../common/errors.ts";
import { enterRoot, ROOT } from "./executable.ts";
import { readSources } from "./identity.ts";
import { assembleRelease } from "./release/assemble.ts";
import { assertReady } from "./release/readiness.ts";
import { parseTarget, TARGETS } from "./targets.ts";

const FOLDER = join(ROOT, "dist/release");
const USAGE = `usage: npm run release -- [--snapshot] [--target NAME]…   (targets: ${TARGETS.join(", ")})
  --snapshot   of any commit, changed files too: to try it
  --target     only this one; may be given more than once`;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function release(options: { snapshot: boolean; targets: readonly string[] }): Promise<void> {
  const targets = options.targets.length === 0 ? TARGETS : [...new Set(options.targets)].map(parseTarget);
  const sources = await readSources(ROOT);
  if (!options.snapshot) {
    const text = (name: string) => readFileSync(join(ROOT, name), "utf8");
    // Ours.
    const { version: planned } = JSON.parse(text("package.json")) as { version: string };
    assertReady({ ...sources, planned, changelog: text("CHANGELOG.md") });
  }
  // What is published can be read by all, whoever makes it; modes are part of the npm package, too.
  process.umask(0o022);
  await enterRoot();
  await assembleRelease({ identity: sources.identity, targets, folder: FOLDER, say });
  for (const name of readdirSync(FOLDER).toSorted()) {
    const path = join(FOLDER, name);
    process.stdout.write(`${relative(ROOT, path)}  ${sizeOf(path)}\n`);
  }
}

function sizeOf(path: string): string {
  const { size } = statSync(path);
  return size >= 1e6 ? `${(size / 1e6).toFixed(0)} MB` : `${Math.ceil(size / 1e3)} kB`;
}

try {
  const { values } = parseArgs({
    options: {
      snapshot: { type: "boolean", default: false },
      target: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) say(USAGE);
  else await release({ snapshot: values.snapshot, targets: values.target });
} catch (error) {
  say(`release: ${describeError(error)}`);
  if (error instanceof TcsError && error.hint !== undefined) say(`         ${error.hint}`);
  process.exitCode = error instanceof TcsError ? error.exitCode : ExitCode.failure;
}
