// Everything that is wrong with one configuration file, its services' files included: nothing is started.
import type { FleetReading, FleetSource } from "../config/fleet-source.ts";
import { ConfigError, type ConfigIssue } from "../config/index.ts";
import { type CheckWarning, checkFleet, withFieldIssues } from "./fleet-check.ts";
import type { StartHost } from "./homes/home.ts";

/** Nobody waits for the services to start: a slow file may take its time, milliseconds. */
const SILENCE_MS = 10_000;

/** What a check found. */
export interface ConfigVerdict {
  /** How many services there are; 0 when the file is not valid. */
  services: number;
  /** All that is wrong with it, in the order of their places. */
  issues: readonly ConfigIssue[];
  /** Services that are right as they are written, and cannot run as things are here. */
  warnings: readonly CheckWarning[];
}

/** Reads a file and says, when it is not valid, all that is wrong, the services' own fields included. @throws ConfigError */
export async function readAndJudge(source: FleetSource, startWorker: StartHost): Promise<FleetReading> {
  return await source.read().catch(async (error: unknown) => {
    throw await withFieldIssues(error, startWorker, () => source.environment());
  });
}

/** Checks a file as `tcs run` would before it starts anything. @throws what is no fault of the configuration */
export async function judgeConfig(
  source: FleetSource,
  startWorker: StartHost,
  { silenceMs = SILENCE_MS }: { silenceMs?: number } = {},
): Promise<ConfigVerdict> {
  try {
    const { fleet, env } = await readAndJudge(source, startWorker);
    const warnings = await checkFleet(fleet, startWorker, { silenceMs, env });
    return { services: fleet.services.length, issues: [], warnings };
  } catch (error) {
    if (error instanceof ConfigError) return { services: 0, issues: error.issues, warnings: [] };
    throw error;
  }
}
