// Checks every service's file and configuration before any is started: of ours in a throw-away Worker.
import type { Env } from "../config/expand.ts";
import { ConfigError, type ConfigIssue, formatIssue, toConfigIssues, toRefusal } from "../config/index.ts";
import type { FleetConfig, ServiceRow } from "../config/types.ts";
import type { CheckResult } from "../host/protocol.ts";
import { serviceSpec } from "../host/service-spec.ts";
import { checkInWorkers } from "./check-worker.ts";
import type { StartHost } from "./homes/home.ts";
import { programFault } from "./homes/program.ts";
import { type ServiceSchema, serviceSchemas } from "./service-schemas.ts";

/** A file of 2 MB takes half a second to load on two busy cores. */
const SILENCE_MS = 2_000;

/** A file that could not be loaded now: its service will fail when started, the others will not. */
export interface CheckWarning {
  /** Of the service. */
  id: string;
  message: string;
}

export interface CheckOptions {
  /** Hears texts that must not be shown, as the services' schemas declare them. */
  onSecrets?: (values: readonly string[]) => void;
  /** The environment that the services will have; default: as this process has it. */
  env?: Env;
  /** Hears what the configurations of the services may be. */
  onSchemas?: (schemas: readonly ServiceSchema[]) => void;
  /** How long a file may take to load, milliseconds; one that takes longer is left to fail when it is started (2 s). */
  silenceMs?: number;
}

/**
 * @param startWorker the worker home
 * @throws ConfigError with every issue of every service
 */
export async function checkFleet(
  fleet: FleetConfig,
  startWorker: StartHost,
  options: CheckOptions = {},
): Promise<CheckWarning[]> {
  const results = new Map((await loadFiles(fleet, startWorker, options)).map((result) => [result.id, result]));
  options.onSchemas?.(serviceSchemas(fleet.services, results));
  const issues: ConfigIssue[] = [];
  const warnings: CheckWarning[] = [];
  for (const row of fleet.services) {
    const result = results.get(row.id);
    if (result?.fields) forgetForeign(row, result.fields);
    if (result?.issues) issues.push(...toConfigIssues(row, result.issues));
    if (result?.refused) issues.push(toRefusal(row, result.refused));
    const warning = result?.warning ?? programFault(row);
    if (warning) warnings.push({ id: row.id, message: warning });
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return warnings;
}

/**
 * The same for some of the services, told apart.
 * @returns for each that cannot run as its file is now: why, in lines with their places
 */
export async function checkSome(
  fleet: FleetConfig,
  rows: readonly ServiceRow[],
  startWorker: StartHost,
  options: CheckOptions = {},
): Promise<Map<string, string[]>> {
  const faults = new Map<string, string[]>();
  const results = await loadFiles({ ...fleet, services: [...rows] }, startWorker, options);
  for (const { id, issues, refused, warning } of results) {
    const row = rows.find((one) => one.id === id);
    if (!row) continue;
    const found = [...(issues ? toConfigIssues(row, issues) : []), ...(refused ? [toRefusal(row, refused)] : [])];
    const lines = [...found.map(formatIssue), ...(warning ? [warning] : [])];
    if (lines.length > 0) faults.set(id, lines);
  }
  return faults;
}

/** What there is to know of the configurations of these services: each result has `config`, or says why not. */
export async function describeServices(
  fleet: FleetConfig,
  rows: readonly ServiceRow[],
  startWorker: StartHost,
  options: CheckOptions = {},
): Promise<CheckResult[]> {
  return await loadFiles({ ...fleet, services: [...rows] }, startWorker, { ...options, describe: true });
}

/** Takes away the fields that are only for services that know them, where this one does not. */
function forgetForeign(row: ServiceRow, known: readonly string[]): void {
  for (const name of row.ifKnown ?? []) if (!known.includes(name)) delete row.fields[name];
  delete row.ifKnown;
}

/** Of foreign programs there is nothing to load. */
function loadFiles(
  fleet: FleetConfig,
  startWorker: StartHost,
  { silenceMs = SILENCE_MS, onSchemas: _, ...options }: CheckOptions & { describe?: boolean },
): Promise<CheckResult[]> {
  const ours = fleet.services.filter(({ home }) => home !== "exec");
  const specs = ours.map((row) => serviceSpec(row, fleet));
  return checkInWorkers(specs, { ...options, startWorker, silenceMs });
}

/**
 * What is wrong with a configuration file (`error`), together with what the schemas have to say of those of its rows that
 * could be read: all at once, though nothing of it will be started. An error of another kind is given back as it is.
 * @param env the environment that the services would have had
 */
export async function withFieldIssues(error: unknown, startWorker: StartHost, env: () => Env): Promise<unknown> {
  if (!(error instanceof ConfigError) || !error.readable) return error;
  try {
    await checkFleet(error.readable, startWorker, { env: env() });
    return error;
  } catch (more) {
    return more instanceof ConfigError ? new ConfigError([...error.issues, ...more.issues]) : more;
  }
}
