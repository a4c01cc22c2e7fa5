// The templates of units, and the account they run as: the same for all configurations. What differs is in the drop-ins of
// their instances. Pure.
import { SIGNALLED, startLimitDirectives } from "./directives.ts";
import { hardening } from "./hardening.ts";
import { type SystemdMode, startTarget } from "./mode.ts";
import { type Directive, timeSpan, unitText } from "./text.ts";

/** Who runs units of the system, unless somebody else is to. */
export const DEFAULT_USER = "tcs";
/** The launcher's own loop; services have the watchdog of their configuration, and the launcher keeps it. */
const LAUNCHER_WATCHDOG_MS = 60_000;
/** Of a start that makes no progress. */
const START_LIMIT_MS = 90_000;
/**
 * A launcher that ends again and again: so often in so long, then it is given up. One that is refused until a lease has
 * lapsed must fit in.
 */
const LAUNCHER_LIMIT = { max: 59, windowMs: 600_000 };
const LAUNCHER_RESTART_MS = 2_000;
/** At the head of each of our files. */
export const HEAD = ["Written by tcs systemd install. Changes belong in a drop-in of your own (systemctl edit)."];

/** sysusers.d(5): serial lines belong to the group dialout. */
export const ACCOUNTS = `# Written by tcs systemd install.
u ${DEFAULT_USER} - "Telescope Control Services" /var/lib/tcs
m ${DEFAULT_USER} dialout
`;

export function launcherTemplate(mode: SystemdMode): string {
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
  return template(mode, "TCS fleet %f", "tcs run %f", startLimitDirectives(LAUNCHER_LIMIT), own);
}

export function serviceTemplate(mode: SystemdMode): string {
  return template(mode, "TCS service %I", "tcs service %I", [], []);
}

function template(
  mode: SystemdMode,
  description: string,
  command: string,
  limits: readonly Directive[],
  own: readonly Directive[],
): string {
  const online = "network-online.target";
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
      ...(mode === "system" ? account(DEFAULT_USER, "tcs") : []),
      ["EnvironmentFile", "-%E/tcs/environment"],
      ...hardening(mode),
    ],
    Install: [["WantedBy", startTarget(mode)]],
  });
}

/** @param folder below /var/lib and /var/log: systemd gives it to the account, so each has one of its own */
export function account(user: string, folder: string): Directive[] {
  return [
    ["User", user],
    ["StateDirectory", folder],
    ["StateDirectoryMode", "0750"],
    ["LogsDirectory", folder],
    ["Environment", `TCS_STATE_DIR=%S/${folder}`],
  ];
}
