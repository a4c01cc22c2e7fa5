// tcs systemd status: what systemd says of the units, and whether they are as the configuration asks for.
import { describeError, ExitCode } from "../../../common/errors.ts";
import type { JsonObject } from "../../../common/json.ts";
import {
  compare,
  type Installed,
  isSystemdHere,
  type Manifest,
  readManifest,
  type SystemdMode,
  showUnits,
  stateOf,
  unitFolder,
} from "../../../systemd/units/index.ts";
import { jsonArg } from "../../common-args.ts";
import { defineCommand } from "../../define-command.ts";
import { jsonText } from "../../display/status-json.ts";
import { clean, wantsUnicode } from "../../display/width.ts";
import { tell, write } from "../../output.ts";
import { chooseInstalled } from "./installed.ts";
import { modeOf, planAgain, whichArgs } from "./unit-args.ts";

const PROPERTIES = [
  "ActiveState",
  "SubState",
  "UnitFileState",
  "StatusText",
  "NRestarts",
  "Result",
  "MainPID",
] as const;

interface UnitStatus {
  unit: string;
  state: string;
  enabled: string;
  status: string;
  restarts: number;
  result: string;
  pid: number;
}

interface ConfigurationStatus {
  file: string;
  launcher?: string;
  units: UnitStatus[];
  /** Paths of unit files, by what is the matter with them. */
  changed_by_hand: string[];
  missing: string[];
  outdated: string[];
  /** Why it is not known whether they are as the configuration asks for. */
  unknown?: string;
}

export default defineCommand({
  meta: {
    name: "status",
    description: "Show the units that were written: their state, and whether they are up to date",
  },
  examples: [
    ["tcs systemd status", "all that were written"],
    ["tcs systemd status services.yaml --user --json", "for programs"],
  ],
  args: { ...whichArgs, ...jsonArg },
  async run({ args }): Promise<number> {
    const mode = modeOf(args);
    const manifest = readManifest(unitFolder(mode));
    const isNamed = args.file !== undefined || args.config !== undefined || args.launcher !== undefined;
    const meant = isNamed ? chooseInstalled(args, manifest.configurations, "systemd status") : manifest.configurations;
    const all = await Promise.all(meant.map((installed) => look(installed, manifest, mode)));
    if (args.json) write([jsonText({ configurations: all.map(statusJson) })]);
    else if (all.length === 0) tell('no units were written: see "tcs systemd install"');
    else for (const one of all) print(one);
    return ExitCode.ok;
  },
});

async function look(installed: Installed, manifest: Manifest, mode: SystemdMode): Promise<ConfigurationStatus> {
  const { file, launcher, units, paths } = installed;
  const withState = (state: string) => paths.filter((path) => stateOf(path, manifest) === state);
  const said = isSystemdHere() ? await showUnits(mode, units, PROPERTIES) : new Map<string, never>();
  const plan = await planAgain(installed, mode).catch((error: unknown) => describeError(error));
  const base = { ...installed, mode, unitFolder: unitFolder(mode) };
  return {
    file,
    ...(launcher === undefined ? {} : { launcher }),
    units: units.map((unit) => unitStatus(unit, said.get(unit))),
    changed_by_hand: withState("changed"),
    missing: withState("missing"),
    outdated:
      typeof plan === "string"
        ? []
        : compare(plan, base, manifest).changes.flatMap(({ path, action }) =>
            action === "unchanged" || action === "kept" || stateOf(path, manifest) === "missing" ? [] : [path],
          ),
    ...(typeof plan === "string" ? { unknown: plan } : {}),
  };
}

function unitStatus(unit: string, said: Record<(typeof PROPERTIES)[number], string> | undefined): UnitStatus {
  return {
    unit,
    state: said ? `${said.ActiveState} (${said.SubState})` : "unknown",
    enabled: said?.UnitFileState || "unknown",
    status: said?.StatusText ?? "",
    restarts: Number(said?.NRestarts ?? 0),
    result: said?.Result ?? "",
    pid: Number(said?.MainPID ?? 0),
  };
}

function statusJson(one: ConfigurationStatus): JsonObject {
  return { ...one, units: one.units.map((unit) => ({ ...unit })) };
}

function print(one: ConfigurationStatus): void {
  const lines = [one.launcher === undefined ? one.file : `${one.file}, ${one.launcher}`];
  for (const { unit, state, enabled, status, restarts, result } of one.units) {
    const said = status === "" ? "" : `: ${clean(status, wantsUnicode(process.env))}`;
    const why = result === "" || result === "success" ? "" : `, ${result}`;
    const again = restarts === 0 ? "" : `, ${restarts} restarts`;
    lines.push(`  ${unit}: ${state}, ${enabled}${why}${again}${said}`);
  }
  for (const path of one.changed_by_hand) lines.push(`  changed by hand: ${path}`);
  for (const path of one.missing) lines.push(`  missing: ${path}`);
  for (const path of one.outdated) lines.push(`  not as the configuration asks for: ${path}`);
  if (one.unknown !== undefined) lines.push(`  not known whether up to date: ${one.unknown}`);
  write(lines);
}
