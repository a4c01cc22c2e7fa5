// One executable of this tcs, for whatever platform: with its broker, and all that is made before it.
import { join } from "node:path";
import type { ThirdParty } from "../cli/licenses/third-party.ts";
import { writeScaffoldAssets } from "../scaffold/assets.ts";
import { compile } from "./compile.ts";
import { type FetchedBroker, fetchBroker } from "./fetch-broker.ts";
import type { Identity } from "./identity.ts";
import { needsStaticBroker, type Target, targetArch } from "./targets.ts";

export const ROOT = join(import.meta.dir, "../..");
const ENTRYPOINTS = ["src/cli/main.ts", "src/entry/worker.ts"].map((path) => join(ROOT, path));

export interface ExecutableOptions {
  target: Target;
  identity: Identity;
  outfile: string;
  /** Told what the build does without, one line each. */
  say: (line: string) => void;
}

export interface Executable {
  /** The nats-server inside; undefined when none fits. */
  broker: FetchedBroker | undefined;
  thirdParties: ThirdParty[];
}

/** Once, before executables are built. */
export async function enterRoot(): Promise<void> {
  // The bundler names chunks by where modules are, seen from here.
  process.chdir(ROOT);
  await writeScaffoldAssets();
}

/** Builds one at `outfile`, which is replaced only when the build succeeded. @throws TcsError */
export async function buildExecutable({ target, identity, outfile, say }: ExecutableOptions): Promise<Executable> {
  const broker = await fetchBroker({
    arch: targetArch(target),
    mustBeStatic: needsStaticBroker(target),
    cache: join(ROOT, ".cache/broker"),
    say,
  });
  const thirdParties = await compile({ entrypoints: ENTRYPOINTS, outfile, target, broker, identity });
  return { broker, thirdParties };
}
