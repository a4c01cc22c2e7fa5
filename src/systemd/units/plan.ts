// Which unit files a configuration asks for, and what stands in them. Pure.
import { basename, dirname, join } from "node:path";
import { TcsError } from "../../common/errors.ts";
import type { FleetConfig, ModuleRef, ServiceRow } from "../../config/types.ts";
import {
  orderDirectives,
  restartDirectives,
  startLimitDirectives,
  stopDirectives,
  stopRounds,
  watchdogDirectives,
} from "./directives.ts";
import { loosening } from "./hardening.ts";
import type { SystemdMode } from "./mode.ts";
import { launcherUnit, serviceUnit } from "./names.ts";
import { ACCOUNTS, account, DEFAULT_USER, HEAD, launcherTemplate, serviceTemplate } from "./templates.ts";
import { commandWord, type Directive, literal, unitText } from "./text.ts";

/**
 * A configuration that cannot be units as it is to be installed.
 * @cause The configuration cannot be units as it is to be installed.
 * @remedy Do what the second line says: another account (--run-as), --user, --each, or a shorter path.
 * @example dome.main is to be a unit (launcher: systemd): expected a launcher that runs as root, not as tcs
 */
export class UnitPlanError extends TcsError {
  override readonly code = "E_UNIT_PLAN";
}

export interface PlanOptions {
  fleet: FleetConfig;
  /** Absolute path of the configuration file. */
  file: string;
  mode: SystemdMode;
  /** The launcher's home or name, as for `tcs run --launcher`: it has a unit beside that of the whole file. */
  launcher?: string;
  /** A unit for each service, instead of one for the launcher of them all. */
  each: boolean;
  /** How tcs is started: an absolute path, and what comes before its own arguments. */
  program: readonly [string, ...string[]];
  /** Who runs it in system mode. `DEFAULT_USER` is made; any other must exist. */
  runAs: string;
  /** More lines for [Service], each `Name=value`. */
  properties: readonly string[];
  /** Where unit files of this mode are kept. */
  unitFolder: string;
  /** Of systemd; undefined when it is not known. */
  version?: number | undefined;
}

export interface PlannedFile {
  path: string;
  text: string;
}

export interface UnitPlan {
  files: PlannedFile[];
  /** What is to be enabled and started, in this order. */
  units: string[];
  /** Services that cannot be units, each with the reason. */
  left: { id: string; reason: string }[];
  /** The accounts file, which `systemd-sysusers` reads; undefined when nobody is to be made. */
  accounts?: string;
}

/** Of one of our drop-ins. */
const DROP_IN = "50-tcs.conf";
/** NAME_MAX is 255; the folder of drop-ins adds two letters. */
const LONGEST_UNIT_NAME = 250;

/** @throws TcsError when a name is too long for a unit, or an account may not do what its launcher is to do */
export function planUnits(options: PlanOptions): UnitPlan {
  const { each, fleet, unitFolder, mode, runAs } = options;
  if (!each) refusePowerless(options);
  const rows = each ? fleet.services : [];
  const left = rows.flatMap((row) => {
    const reason = whyNoUnit(row);
    return reason === undefined ? [] : [{ id: row.id, reason }];
  });
  const own = rows.filter((row) => whyNoUnit(row) === undefined);
  const unitIds = new Set(own.map(({ id }) => id));
  const template = each ? "tcs@.service" : "tcs-launcher@.service";
  const instances = each
    ? own.map((row) => ({ name: serviceUnit(row.id), text: serviceDropIn(options, row, unitIds) }))
    : [{ name: launcherUnit(options.file, options.launcher), text: launcherDropIn(options) }];
  const accounts = mode === "system" && runAs === DEFAULT_USER ? "/etc/sysusers.d/tcs.conf" : undefined;
  return {
    files: [
      ...(accounts === undefined ? [] : [{ path: accounts, text: ACCOUNTS }]),
      { path: join(unitFolder, template), text: each ? serviceTemplate(mode) : launcherTemplate(mode) },
      ...instances.map(({ name, text }) => ({ path: dropInOf(unitFolder, checkedName(name)), text })),
    ],
    units: instances.map(({ name }) => name),
    left,
    ...(accounts === undefined ? {} : { accounts }),
  };
}

/** What we write for one unit, beside its template. */
export function dropInOf(unitFolder: string, unit: string): string {
  return join(unitFolder, `${unit}.d`, DROP_IN);
}

function checkedName(name: string): string {
  if (name.length <= LONGEST_UNIT_NAME) return name;
  throw new UnitPlanError(`${name} is too long for the name of a unit (${name.length} characters)`, {
    hint: "move the configuration to a folder with a shorter path, as /etc/tcs",
  });
}

/** A launcher whose services are units orders systemd about, and writes units. */
function refusePowerless({ fleet, mode, runAs }: PlanOptions): void {
  const row = fleet.services.find(({ home }) => home === "systemd");
  if (!row || mode === "user") return;
  if (fleet.systemd?.scope === "user") {
    throw new UnitPlanError(
      `${row.id} is to be a unit of a user's own systemd, which a launcher of the system does not have`,
      {
        hint: "--user makes the launcher that user's, too; or leave scope: user out",
      },
    );
  }
  if (runAs === "root") return;
  throw new UnitPlanError(
    `${row.id} is to be a unit (launcher: systemd): expected a launcher that runs as root, not as ${runAs}`,
    {
      hint: "--run-as root; or --user for units of your own; or --each, without a launcher",
    },
  );
}

/** What such a launcher writes to. */
function unitFolders({ fleet, mode }: PlanOptions): Directive[] {
  if (mode === "user" || !fleet.services.some(({ home }) => home === "systemd")) return [];
  return [["ReadWritePaths", `/run/systemd/system${fleet.systemd?.persistent ? " /etc/systemd/system" : ""}`]];
}

function whyNoUnit({ module, timetable }: ServiceRow): string | undefined {
  if (timetable) return "it is periodic, and its schedule is the launcher's";
  if (module.kind === "program") return "it is a foreign program, for which the launcher speaks";
  return undefined;
}

/** Instead of the template's account. */
function otherAccount({ mode, runAs }: PlanOptions): Directive[] {
  if (mode === "user" || runAs === DEFAULT_USER) return [];
  return [["StateDirectory", ""], ["LogsDirectory", ""], ...account(runAs, `tcs-${runAs}`)];
}

function launcherDropIn(options: PlanOptions): string {
  const { fleet, file, program, launcher } = options;
  const part = launcher === undefined ? [] : ["--launcher", launcher];
  const limitMs = fleet.launcher.terminateDelayMs * stopRounds(fleet.services);
  return unitText(HEAD, {
    Unit: launcher === undefined ? [] : [["Description", `TCS fleet ${literal(`${file}, ${launcher}`)}`]],
    Service: [
      ...execStart([...program, "run", file, ...part]),
      ...otherAccount(options),
      ...surroundings(options, fleet.services),
      ...unitFolders(options),
      ...stopDirectives(limitMs),
      ...given(options.properties),
    ],
  });
}

function serviceDropIn(options: PlanOptions, row: ServiceRow, unitIds: ReadonlySet<string>): string {
  const { fleet, file, program, version } = options;
  return unitText(HEAD, {
    Unit: [
      ["Description", `TCS service ${literal(row.id)} (${literal(basename(file))})`],
      ...orderDirectives(row, (id) => (unitIds.has(id) ? serviceUnit(id) : undefined)),
      ...startLimitDirectives(row.restart),
    ],
    Service: [
      ...execStart([...program, "service", row.type, file, row.variant]),
      ...otherAccount(options),
      ...restartDirectives(row.restart, version),
      ...watchdogDirectives(row),
      ...surroundings(options, [row]),
      ...stopDirectives(fleet.launcher.terminateDelayMs),
      ...given(options.properties),
    ],
  });
}

/** Instead of the template's. */
function execStart(command: readonly string[]): Directive[] {
  return [
    ["ExecStart", ""],
    ["ExecStart", command.map(commandWord).join(" ")],
  ];
}

/** Where it runs, and what it must be able to see there. */
function surroundings({ fleet, file, mode, program }: PlanOptions, rows: readonly ServiceRow[]): Directive[] {
  const folder = fleet.folders?.includes(file) ? file : dirname(file);
  const seen = [
    folder,
    ...(fleet.files ?? []),
    ...program.filter((word) => word.startsWith("/")),
    ...rows.flatMap((row) => filesOf(row.module)),
  ];
  return [["WorkingDirectory", literal(folder)], ...(mode === "system" ? loosening(seen) : [])];
}

function filesOf(module: ModuleRef): string[] {
  switch (module.kind) {
    case "builtin":
      return [];
    case "file":
      return [module.path];
    case "program":
      return [module.cwd, ...module.command.filter((word) => word.startsWith("/"))];
    default:
      return module satisfies never;
  }
}

function given(properties: readonly string[]): Directive[] {
  return properties.map((property): Directive => {
    const at = property.indexOf("=");
    return [property.slice(0, at), property.slice(at + 1)];
  });
}
