// A unit file for one service: its restart policy, limits and order in systemd's own words. Pure.
import type { ServiceRow } from "../../config/types.ts";
import { DEFAULT_WATCHDOG_MS } from "../../host/service-spec.ts";
import {
  orderDirectives,
  restartDirectives,
  startLimitDirectives,
  stopDirectives,
  watchdogDirectives,
} from "../../systemd/units/directives.ts";
import { serviceUnit } from "../../systemd/units/names.ts";
import { commandWord, type Directive, literal, timeSpan, unitText } from "../../systemd/units/text.ts";

export interface ServiceUnitTextOptions {
  row: ServiceRow;
  /** How long a stop may take, milliseconds. */
  terminateDelayMs: number;
  command: readonly string[];
  cwd: string;
  environmentFile: string;
  /** Configuration file, for people. */
  configFile: string;
  /** Ids of services that are units too: `after` them is told to systemd. */
  unitIds: ReadonlySet<string>;
  /** Starts with the machine (system) or with the user's manager: only of units that are kept. */
  wantedBy?: string;
  /** Directives of the configuration, as `MemoryMax`. */
  properties: Readonly<Record<string, string>>;
}

export function serviceUnitText(options: ServiceUnitTextOptions): string {
  const { row, terminateDelayMs, unitIds, wantedBy } = options;
  const order = orderDirectives(row, (id) => (unitIds.has(id) ? serviceUnit(id) : undefined));
  // A start without a watchdog may take its time, as in every other home.
  const startLimit = row.watchdogMs ? timeSpan(Math.max(row.watchdogMs, DEFAULT_WATCHDOG_MS)) : "infinity";
  const service: Directive[] = [
    ["Type", "notify"],
    ["NotifyAccess", "main"],
    ["EnvironmentFile", literal(options.environmentFile)],
    ["WorkingDirectory", literal(options.cwd)],
    ["ExecStart", options.command.map(commandWord).join(" ")],
    ...restartDirectives(row.restart),
    ["TimeoutStartSec", startLimit],
    ...stopDirectives(terminateDelayMs),
    ...watchdogDirectives(row),
    // As the launcher ends what hangs: a stopped process hears nothing else, and a dump of its memory tells nobody anything.
    ...(row.watchdogMs ? [["WatchdogSignal", "SIGKILL"] as const] : []),
    ...Object.entries(options.properties),
  ];
  return unitText(
    ["Written by tcs, which writes it again at each start: changes belong in a drop-in (systemctl edit)."],
    {
      Unit: [
        ["Description", literal(`${row.id} (tcs, ${options.configFile})`)],
        // Whether those before it are there, the launcher sees to: it starts none that an operator has stopped.
        ...order.filter(([name]) => name !== "Wants"),
        ...startLimitDirectives(row.restart),
      ],
      Service: service,
      Install: wantedBy === undefined ? [] : [["WantedBy", wantedBy]],
    },
  );
}

/** An environment as systemd reads it from a file; names that are none there are left out. */
export function environmentText(env: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(env)
    .flatMap(([name, value]) => {
      if (value === undefined || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || NOT_PASSED.has(name)) return [];
      return [`${name}="${value.replaceAll(/["\\`$]/g, "\\$&")}"\n`];
    })
    .sort()
    .join("");
}

/** What belongs to the launcher's own process or terminal, or is given to each unit by systemd. */
const NOT_PASSED: ReadonlySet<string> = new Set([
  "TCS_RUN",
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "LISTEN_FDS",
  "LISTEN_PID",
  "LISTEN_FDNAMES",
  "INVOCATION_ID",
  "JOURNAL_STREAM",
  "SYSTEMD_EXEC_PID",
  "MANAGERPID",
  "CREDENTIALS_DIRECTORY",
  "MEMORY_PRESSURE_WATCH",
  "MEMORY_PRESSURE_WRITE",
  "PWD",
  "OLDPWD",
  "SHLVL",
  "_",
  "TERM",
]);
