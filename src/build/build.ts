// The build, one command: fetch the broker, prepare generated files, compile `dist/tcs` (or `dist/tcs-<target>`).
import { statSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { describeError, ExitCode, TcsError } from "../common/errors.ts";
import { buildExecutable, enterRoot, ROOT } from "./executable.ts";
import { type Identity, readSources } from "./identity.ts";
import { hostTarget, parseTarget, TARGETS, type Target } from "./targets.ts";

const USAGE = `usage: bun src/build/build.ts [--target NAME | --all]   (targets: ${TARGETS.join(", ")})`;

async function build(target: Target, identity: Identity): Promise<void> {
  const started = performance.now();
  const outfile = join(ROOT, "dist", target === hostTarget() ? "tcs" : `tcs-${target}`);
  const { broker } = await buildExecutable({ target, identity, outfile, say });
  const megabytes = (statSync(outfile).size / 1e6).toFixed(0);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const withBroker = broker ? `nats-server ${broker.version}` : "without a broker: no nats-server fits it";
  say(`${relative(ROOT, outfile)}  ${target}  ${megabytes} MB  ${withBroker}  ${seconds} s`);
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
    await enterRoot();
    const { identity } = await readSources(ROOT);
    for (const target of targets) await build(target, identity);
  }
} catch (error) {
  say(`build: ${error instanceof TcsError ? error.message : describeError(error)}`);
  process.exitCode = error instanceof TcsError ? error.exitCode : ExitCode.failure;
}
