// The build, one command: fetch the broker, prepare generated files, compile `dist/tcs` (or `dist/tcs-<target>`).
import { existsSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { describeError, ExitCode, TcsError } from "../common/errors.ts";
import { compile } from "./compile.ts";
import { fetchBroker } from "./fetch-broker.ts";
import { run } from "./run.ts";
import { hostTarget, needsStaticBroker, parseTarget, TARGETS, type Target, targetArch } from "./targets.ts";

const ROOT = join(import.meta.dir, "../..");
const ENTRYPOINTS = ["src/cli/main.ts", "src/entry/worker.ts"].map((path) => join(ROOT, path));
const USAGE = `usage: bun src/build/build.ts [--target NAME | --all]   (targets: ${TARGETS.join(", ")})`;

async function build(target: Target, commit: string): Promise<void> {
  const started = performance.now();
  const broker = await fetchBroker({
    arch: targetArch(target),
    mustBeStatic: needsStaticBroker(target),
    cache: join(ROOT, ".cache/broker"),
    say,
  });
  const outfile = join(ROOT, "dist", target === hostTarget() ? "tcs" : `tcs-${target}`);
  await compile({ entrypoints: ENTRYPOINTS, outfile, target, broker, commit });
  const megabytes = (statSync(outfile).size / 1e6).toFixed(0);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const withBroker = broker ? `nats-server ${broker.version}` : "without a broker: no nats-server fits it";
  say(`${relative(ROOT, outfile)}  ${target}  ${megabytes} MB  ${withBroker}  ${seconds} s`);
}

/** Short commit, marked when the tree differs from it; "dev" outside a repository. */
async function currentCommit(): Promise<string> {
  try {
    const commit = (await run(["git", "rev-parse", "--short=7", "HEAD"], { cwd: ROOT })).trim();
    const changes = await run(["git", "status", "--porcelain"], { cwd: ROOT });
    return changes.trim() === "" ? commit : `${commit}.modified`;
  } catch {
    // No git, or a source archive without a repository: neither is needed to build.
    return "dev";
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  const { values } = parseArgs({
    options: { target: { type: "string" }, all: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    say(USAGE);
  } else {
    const targets = values.all ? TARGETS : [values.target === undefined ? hostTarget() : parseTarget(values.target)];
    const scaffoldAssets = join(ROOT, "src/scaffold/assets.ts");
    if (existsSync(scaffoldAssets)) await (await import(scaffoldAssets)).writeScaffoldAssets();
    const commit = await currentCommit();
    for (const target of targets) await build(target, commit);
  }
} catch (error) {
  say(`build: ${error instanceof TcsError ? error.message : describeError(error)}`);
  process.exitCode = error instanceof TcsError ? error.exitCode : ExitCode.failure;
}
