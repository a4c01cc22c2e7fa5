// Builds the executable with another commit stamped on it: bun build-version.ts OUTFILE STAMP
import { join } from "node:path";
import { compile } from "../../src/build/compile.ts";
import { fetchBroker } from "../../src/build/fetch-broker.ts";
import { hostTarget, needsStaticBroker, targetArch } from "../../src/build/targets.ts";

const ROOT = join(import.meta.dir, "../..");
const [, , outfile = "", commit = ""] = process.argv;
const target = hostTarget();
const broker = await fetchBroker({
  arch: targetArch(target),
  mustBeStatic: needsStaticBroker(target),
  cache: join(ROOT, ".cache/broker"),
  say: () => undefined,
});
const entrypoints = ["src/cli/main.ts", "src/entry/worker.ts"].map((path) => join(ROOT, path));
await compile({ entrypoints, outfile, target, broker, commit });
