// What the subcommands of tcs systemd share: which configuration, whose units, and the plan for them.
import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import type { ArgsDef } from "citty";
import { UsageError } from "../../../common/errors.ts";
import { FleetSource } from "../../../config/index.ts";
import { builtinTypes } from "../../../entry/modules.ts";
import { selfCommand } from "../../../launcher/self-command.ts";
import {
  DEFAULT_USER,
  type Installed,
  type PlanOptions,
  planUnits,
  type SystemdMode,
  systemdVersion,
  type UnitPlan,
  unitFolder,
} from "../../../systemd/units/index.ts";
import { configArg, verboseArg } from "../../common-args.ts";
import { DEFAULT_CONFIG } from "../../default-config.ts";
import { repeatedOption } from "../../strict-args.ts";

export const whichArgs = {
  file: { type: "positional", required: false, description: `Configuration file (${DEFAULT_CONFIG})` },
  config: { ...configArg.config, description: "The same" },
  launcher: {
    type: "string",
    description: "A part of it: a home or a name in launchers:, as for tcs run",
    valueHint: "HOME|NAME",
  },
  user: { type: "boolean", description: "Units of your own (systemctl --user), not of the system" },
  ...verboseArg,
} as const satisfies ArgsDef;

export const planArgs = {
  each: { type: "boolean", description: "A unit for each service, instead of one for the launcher of them all" },
  "run-as": { type: "string", description: `Account that runs it (${DEFAULT_USER}, which is made)`, valueHint: "NAME" },
  program: { type: "string", description: "Path of tcs in the units (this program's)", valueHint: "FILE" },
  property: {
    type: "string",
    description: "A line for [Service], as --property MemoryMax=1G (may be repeated)",
    valueHint: "NAME=VALUE",
  },
} as const satisfies ArgsDef;

export interface WhichValues {
  file?: string | undefined;
  config?: string | undefined;
  launcher?: string | undefined;
  user?: boolean | undefined;
}

export interface PlanValues extends WhichValues {
  each?: boolean | undefined;
  "run-as"?: string | undefined;
  program?: string | undefined;
  /** All words: `--property` may stand there more than once. */
  rawArgs: string[];
}

export function modeOf({ user }: Pick<WhichValues, "user">): SystemdMode {
  return user ? "user" : "system";
}

/** Absolute path of the file, or folder of files, that is meant; undefined when none is named. @throws UsageError for two */
export function namedFile({ file, config }: WhichValues, command: string): string | undefined {
  const named = [file, config].flatMap((path) => (path === undefined ? [] : [resolve(path)]));
  const [first, second = first] = named;
  if (second === first) return first;
  throw new UsageError(`tcs ${command}: given two configuration files, ${named.join(" and ")}: expected one`, {
    hint: "a folder of files can be named, too",
  });
}

/** @throws UsageError, ConfigError, TcsError */
export async function planFrom(values: PlanValues, command: string): Promise<{ plan: UnitPlan; options: PlanOptions }> {
  const properties = repeatedOption(values.rawArgs, "property");
  for (const property of properties) {
    if (!/^[A-Za-z]+=/.test(property) || /[\r\n]/.test(property)) {
      throw new UsageError(`tcs ${command}: --property ${property}: expected NAME=VALUE, as MemoryMax=1G`);
    }
  }
  const mode = modeOf(values);
  if (values["run-as"] !== undefined && mode === "user") {
    throw new UsageError(`tcs ${command}: --run-as is for units of the system: those of --user run as you`);
  }
  return await plan({
    file: namedFile(values, command) ?? resolve(DEFAULT_CONFIG),
    mode,
    ...(values.launcher === undefined ? {} : { launcher: values.launcher }),
    each: values.each ?? false,
    program: values.program === undefined ? ownProgram() : [resolve(values.program)],
    runAs: values["run-as"] ?? DEFAULT_USER,
    properties,
  });
}

/** The plan for what was installed, from its configuration as it is now. @throws ConfigError */
export async function planAgain(installed: Installed, mode: SystemdMode): Promise<UnitPlan> {
  return (await plan({ ...installed, mode })).plan;
}

async function plan(
  choices: Omit<PlanOptions, "fleet" | "unitFolder" | "version">,
): Promise<{ plan: UnitPlan; options: PlanOptions }> {
  const { file, launcher } = choices;
  const [{ fleet }, version] = await Promise.all([
    new FleetSource({
      file,
      env: process.env,
      builtinTypes,
      ...(launcher === undefined ? {} : { launcher }),
    }).read(),
    systemdVersion(),
  ]);
  const options = { ...choices, fleet, unitFolder: unitFolder(choices.mode), version };
  return { plan: planUnits(options), options };
}

/** By the name under which it is found, if it is: what stands there after an upgrade is meant. */
function ownProgram(): [string, ...string[]] {
  const own = selfCommand();
  const found = own.length === 1 ? Bun.which("tcs") : null;
  if (found !== null && existsSync(found) && realpathSync(found) === realpathSync(own[0])) return [found];
  return own;
}
