// Reads a configuration for an export: on a machine that need not have the variables, nor the secrets.
import { dirname, resolve } from "node:path";
import { ConfigError, loadEnv, loadFleet } from "../config/index.ts";
import { parseYaml, readConfigText } from "../config/read-source.ts";
import type { FleetConfig } from "../config/types.ts";
import type { ExportSource, ServiceTraits } from "./types.ts";
import { variablesIn, variablesOf } from "./variables.ts";

/** Stands for what is not set here: it does for a number, and for text. */
const STAND_IN = "1";

export interface ReadOptions {
  file: string;
  env: Record<string, string | undefined>;
  builtinTypes: ReadonlySet<string>;
  /** Names of variables that are secret, whatever they look like. */
  secrets: readonly string[];
  /** What the services are, by id. */
  survey: (fleet: FleetConfig) => Promise<ReadonlyMap<string, ServiceTraits>>;
}

/** @throws ConfigError with all issues; SecretInFileError */
export async function readForExport({ file, env, builtinTypes, secrets, survey }: ReadOptions): Promise<ExportSource> {
  const read = readConfigText(file);
  if (!read.ok) throw new ConfigError([read.issue]);
  const { source } = read;
  const known = loadEnv(dirname(resolve(file)), env);
  const missing = variablesIn(source.text)
    .map(({ name }) => name)
    .filter((name) => known[name] === undefined);
  const standIns = Object.fromEntries(missing.map((name) => [name, STAND_IN]));
  const fleet = await loadFleet({ file, env: { ...env, ...standIns }, builtinTypes }).catch(async (error: unknown) => {
    // What a stand-in does not fit is told as what it is: a variable that is not set.
    if (missing.length > 0) await loadFleet({ file, env, builtinTypes });
    throw error;
  });
  const { root } = await parseYaml(source);
  if (root?.kind !== "map")
    throw new ConfigError([{ file, line: 0, column: 0, key: "", given: "no mapping", expected: "services:" }]);
  const traits = await survey(fleet);
  const variables = variablesOf({ root, rows: fleet.services, traits, secrets });
  return { fleet, file: resolve(file), text: source.text, variables, traits };
}
