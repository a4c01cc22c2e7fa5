// Bundles the sources and compiles them into one executable.
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ThirdParty } from "../cli/licenses/third-party.ts";
import { TcsError } from "../common/errors.ts";
import { embedBroker } from "./asset-module.ts";
import { errorNames } from "./error-names.ts";
import type { FetchedBroker } from "./fetch-broker.ts";
import { embedFramework } from "./framework-bundle.ts";
import type { Identity } from "./identity.ts";
import { embedLicenses } from "./licenses/embed.ts";
import { gatherThirdParties } from "./licenses/gather.ts";
import { hostTarget, type Target } from "./targets.ts";

export interface CompileOptions {
  /** The executable's entry first, then the entries of its Workers. */
  entrypoints: string[];
  outfile: string;
  target: Target;
  /** The nats-server to embed, if any. */
  broker: FetchedBroker | undefined;
  /** Told by `tcs version`. */
  identity: Identity;
}

/**
 * Builds one executable at `outfile`, which is replaced only when the build succeeded.
 * @returns what others have written of it
 * @throws TcsError
 */
export async function compile(options: CompileOptions): Promise<ThirdParty[]> {
  const folder = dirname(options.outfile);
  mkdirSync(folder, { recursive: true });
  // Source maps are embedded, but also left beside the executable: they stay in the scratch folder.
  const scratch = mkdtempSync(join(folder, ".build-"));
  try {
    const built = join(scratch, "tcs");
    const { version, commit, date } = options.identity;
    const define = {
      TCS_VERSION: JSON.stringify(version),
      TCS_COMMIT: JSON.stringify(commit),
      TCS_DATE: JSON.stringify(date),
    };
    const thirdParties = gatherThirdParties(await bundledModules(options.entrypoints, define), options.broker);
    const result = await Bun.build({
      entrypoints: options.entrypoints,
      target: "bun",
      compile: {
        // For this machine the running Bun is used; any other is downloaded from the npm registry.
        ...(options.target === hostTarget() ? {} : { target: `bun-${options.target}` }),
        outfile: built,
        autoloadPackageJson: true,
        autoloadTsconfig: true,
        // A stray bunfig.toml in a working directory must not run code in an operator's executable.
        autoloadBunfig: false,
        // We read it ourselves, the one beside the configuration: what is in it must not look like the process's own.
        autoloadDotenv: false,
      },
      format: "esm",
      minify: true,
      sourcemap: "inline",
      bytecode: true,
      splitting: true,
      // All modules lie flat in the executable: so `new URL("./worker.ts", import.meta.url)`, written in a
      // module beside worker.ts, finds the Worker both from source and compiled.
      naming: { entry: "[name].[ext]" },
      define,
      plugins: [embedBroker(options.broker), await embedFramework(define), embedLicenses(thirdParties), errorNames],
      throw: false,
    });
    if (!result.success) {
      throw new TcsError(`the build of ${options.target} failed:\n${result.logs.map(String).join("\n")}`);
    }
    renameSync(built, options.outfile);
    return thirdParties;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Paths of all modules that are left when what nobody calls is left out. It takes a bundler of its own, 0.2 s. */
export async function bundledModules(entrypoints: string[], define: Record<string, string>): Promise<Set<string>> {
  const options = { entrypoints, define, target: "bun", minify: true, metafile: true, throw: false } as const;
  const { success, logs, metafile } = await Bun.build(options);
  if (!success || !metafile) throw new TcsError(`the sources cannot be bundled:\n${logs.map(String).join("\n")}`);
  const outputs = Object.values(metafile.outputs);
  return new Set(
    outputs.flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? path : [])),
    ),
  );
}
