// Which unit files a configuration asks for, and what stands in them. Pure.
import { basename, dirname, join } from "node:path";
import { TcsError } from "../../common/errors.ts";
import type { FleetConfig, ModuleRef, ServiceRow } from "../../config/types.ts";
import {
  orderDirectives,
  restartDirectives,
  SIGNALLED,
  startLimitDirectives,
  stopDirectives,
  stopRounds,
  watchdogDirectives,
} from "./directives.ts";
import { hardening, loosening } from "./hardening.ts";
import { commandWord, type Directive, escapeInstance, escapePath, literal, timeSpan, unitText } from "./text.ts";

export type SystemdMode = "system" | "user";

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

export const DEFAULT_USER = "tcs";
/** Of one of our drop-ins. */
const DROP_IN = "50-tcs.conf";
/** NAME_MAX is 255; the folder of drop-ins adds two letters. */
const LONGEST_UNIT_NAME = 250;
/** The launcher's own loop; services have the watchdog of their configuration, and the launcher keeps it. */
const LAUNCHER_WATCHDOG_MS = 60_000;
/** Of a start that makes no progress. */
const START_LIMIT_MS = 90_000;
/** A launcher that ends again and again: so often in so long, then it is given up. */
const LAUNCHER_LIMIT = { max: 9, windowMs: 600_000 };
const LAUNCHER_RESTART_MS = 2_000;
const HEAD = ["Written by tcs systemd install. Changes belong in a drop-in of your own (systemctl edit)."];

/** @throws TcsError when a name is too long for a unit */
export function planUnits(options: PlanOptions): UnitPlan {
  const { each, fleet, unitFolder, mode, runAs } = options;
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
      { path: join(unitFolder, template), text: each ? serviceTemplate(options) : launcherTemplate(options) },
      ...instances.map(({ name, text }) => ({ path: join(unitFolder, `${checkedName(name)}.d`, DROP_IN), text })),
    ],
    units: instances.map(({ name }) => name),
    left,
    ...(accounts === undefined ? {} : { accounts }),
  };
}

/** The unit that runs a service by itself. */
export function serviceUnit(id: string): string {
  return `tcs@${escapeInstance(id)}.service`;
}

/** The unit of a configuration's launcher, or of a part of it. */
export function launcherUnit(file: string, part?: string): string {
  return `tcs-launcher@${escapePath(file)}${part === undefined ? "" : `:${escapeInstance(part)}`}.service`;
}

function checkedName(name: string): string {
  if (name.length <= LONGEST_UNIT_NAME) return name;
  throw new TcsError(`${name} is too long for the name of a unit (${name.length} characters)`, {
    hint: "move the configuration to a folder with a shorter path, as /etc/tcs",
  });
}

function whyNoUnit({ module, timetable }: ServiceRow): string | undefined {
  if (timetable) return "it is periodic, and its schedule is the launcher's";
  if (module.kind === "program") return "it is a foreign program, for which the launcher speaks";
  return undefined;
}

/** sysusers.d(5): serial lines belong to the group dialout. */
const ACCOUNTS = `# Written by tcs systemd install.
u ${DEFAULT_USER} - "Telescope Control Services" /var/lib/tcs
m ${DEFAULT_USER} dialout
`;

function launcherTemplate(options: PlanOptions): string {
  const own: Directive[] = [
    // The shell has its own kill: not every machine has another.
    ["ExecReload", "/bin/sh -c 'kill -HUP $MAINPID'"],
    ["Restart", "always"],
    ["RestartSec", timeSpan(LAUNCHER_RESTART_MS)],
    // A wrong command line or configuration does not become right by itself.
    ["RestartPreventExitStatus", "2 5"],
    ["WatchdogSec", timeSpan(LAUNCHER_WATCHDOG_MS)],
    // A service that takes too much memory is killed, and started again by its launcher: the others go on.
    ["OOMPolicy", "continue"],
  ];
  return template(options, "TCS fleet %f", ["run", "%f"], startLimitDirectives(LAUNCHER_LIMIT), own);
}

function serviceTemplate(options: PlanOptions): string {
  return template(options, "TCS service %I", ["service", "%I"], [], []);
}

function template(
  options: PlanOptions,
  description: string,
  words: readonly string[],
  limits: readonly Directive[],
  own: readonly Directive[],
): string {
  const { mode, program, runAs } = options;
  const command = [...program.map(commandWord), ...words].join(" ");
  const online = "network-online.target";
  const system: Directive[] = [
    ["User", runAs],
    ["StateDirectory", "tcs"],
    ["StateDirectoryMode", "0750"],
    ["LogsDirectory", "tcs"],
    ["Environment", "TCS_STATE_DIR=%S/tcs"],
  ];
  return unitText(HEAD, {
    Unit: [
      ["Description", description],
      ...(mode === "system" ? ([["Wants", online]] as const) : []),
      ...(mode === "system" ? ([["After", `${online} nats-server.service nats.service`]] as const) : []),
      ...limits,
    ],
    Service: [
      ["Type", "notify"],
      ["NotifyAccess", "main"],
      ["ExecStart", command],
      ...own,
      SIGNALLED,
      ["TimeoutStartSec", timeSpan(START_LIMIT_MS)],
      ["SyslogIdentifier", "tcs"],
      ...(mode === "system" ? system : []),
      ["EnvironmentFile", "-%E/tcs/environment"],
      ...hardening(mode),
    ],
    Install: [["WantedBy", mode === "system" ? "multi-user.target" : "default.target"]],
  });
}

function launcherDropIn(options: PlanOptions): string {
  const { fleet, file, program, launcher } = options;
  const limitMs = fleet.launcher.terminateDelayMs * stopRounds(fleet.services);
  return unitText(HEAD, {
    Unit: launcher === undefined ? [] : [["Description", `TCS fleet ${literal(`${file}, ${launcher}`)}`]],
    Service: [
      ...(launcher === undefined ? [] : execStart([...program, "run", file, "--launcher", launcher])),
      ...surroundings(options, fleet.services),
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
