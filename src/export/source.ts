// Reads a configuration for an export: on a machine that need not have the variables, nor the secrets.
import { resolve } from "node:path";
import type { Env } from "../config/expand.ts";
import { ConfigError, loadFleet } from "../config/index.ts";
import { parseYaml, readConfigText } from "../config/read-source.ts";
import { isNull, type Node } from "../config/source-tree.ts";
import type { FleetConfig } from "../config/types.ts";
import { ExportError } from "./errors.ts";
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

/** @throws ConfigError with all issues; SecretInFileError; ExportError for a configuration of several files */
export async function readForExport({ file, env, builtinTypes, secrets, survey }: ReadOptions): Promise<ExportSource> {
  const read = readConfigText(file);
  if (!read.ok) throw new ConfigError([read.issue]);
  const { source } = read;
  const { root } = await parseYaml(source);
  refuseIncludes(file, root);
  const fleet = await firstValid(file, builtinTypes, [...standIns(source.text), env]);
  if (root?.kind !== "map")
    throw new ConfigError([{ file, line: 0, column: 0, key: "", given: "no mapping", expected: "services:" }]);
  const traits = await survey(fleet);
  const variables = variablesOf({ root, rows: fleet.services, traits, secrets });
  return { fleet, file: resolve(file), text: source.text, variables, traits };
}

/** Variables and secrets are looked for in the file itself, and a ConfigMap has no other. */
function refuseIncludes(file: string, root: Node | undefined): void {
  const include = root?.kind === "map" ? root.entries.get("include")?.value : undefined;
  if (!include || isNull(include)) return;
  const { line, column } = include.source.position(include.offset);
  throw new ExportError(`${file}:${line}:${column}: include: given other files, expected a configuration of one file`, {
    hint: "what they say belongs into this file, or into an export of their own",
  });
}

/** What is set on this machine is not to make a difference: first what must be set is made up, then whatever may be. */
function standIns(text: string): Env[] {
  const variables = variablesIn(text);
  const made = (chosen: typeof variables) => Object.fromEntries(chosen.map(({ name }) => [name, STAND_IN]));
  return [made(variables.filter(({ optional }) => !optional)), made(variables)];
}

/** @throws ConfigError of the last: the environment as it is here, for what nothing made up fits */
async function firstValid(file: string, builtinTypes: ReadonlySet<string>, envs: readonly Env[]): Promise<FleetConfig> {
  let fault: unknown;
  for (const env of envs) {
    try {
      return await loadFleet({ file, env, builtinTypes });
    } catch (error) {
      fault = error;
    }
  }
  throw fault;
}
