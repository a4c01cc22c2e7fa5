// Running a service file directly: `bun telescope_monitor.ts [config.yaml] [variant]`.
import { dirname, resolve } from "node:path";
import { watchReaders } from "./common/signals.ts";
import { isHosted } from "./host/virtual-modules.ts";
import type { ServiceClass } from "./service/index.ts";

/**
 * Runs `serviceClass` when its file is run directly with Bun; does nothing when a launcher or `tcs service` loads it.
 * @param argv `[config.yaml] [variant]`; default: the command line
 * @example
 * ```ts
 * @service
 * export class TelescopeMonitor extends BaseBlockingPermanentService { … }
 * await main(TelescopeMonitor);
 * ```
 */
export async function main(serviceClass: ServiceClass, argv: string[] = process.argv.slice(2)): Promise<void> {
  if (isHosted() || !isCalledFrom(Bun.main)) return;
  watchReaders();
  const [{ runStandalone }, { loadServiceRow, loadEnv }, { stderrSink }, { findService }, { reportFailure }] =
    await Promise.all([
      import("./host/standalone.ts"),
      import("./config/index.ts"),
      import("./common/log-line.ts"),
      import("./service/index.ts"),
      import("./common/report-failure.ts"),
    ]);
  const file = Bun.main;
  const [configFile, variant] = argv;
  // The class is at hand: its file must not be imported a second time.
  const loader = {
    load: async (_: unknown, type: string) => findService({ exports: { serviceClass }, name: file, type }),
  };
  try {
    const env = await loadEnv(dirname(configFile ? resolve(configFile) : file), process.env);
    const fleet = await loadServiceRow({
      service: file,
      env,
      builtinTypes: new Set(),
      ...(configFile === undefined ? {} : { configFile }),
      ...(variant === undefined ? {} : { variant }),
    });
    const [row] = fleet.services;
    if (row) process.exit(await runStandalone({ row, fleet, loader, log: stderrSink(), env }));
  } catch (error) {
    process.exit(reportFailure(error));
  }
}

/** Whether the caller of our caller stands in `file`: a service that a test imports is not the program that is run. */
function isCalledFrom(file: string): boolean {
  const [, , , caller = ""] = (new Error().stack ?? "").split("\n");
  return caller.includes(file);
}
