// What a unit may not do. Only what services of telescopes do without: network, serial lines and USB stay, and so does
// memory that is written and then run, without which JavaScript does not go. Pure.
import type { SystemdMode } from "./mode.ts";
import type { Directive } from "./text.ts";

/** Devices that instruments are attached by. */
const DEVICES = ["char-ttyS", "char-ttyUSB", "char-ttyACM", "char-usb_device", "char-hidraw"];

const EVERYWHERE: readonly Directive[] = [
  ["NoNewPrivileges", "yes"],
  ["LockPersonality", "yes"],
  ["RestrictRealtime", "yes"],
  ["RestrictSUIDSGID", "yes"],
  ["RestrictNamespaces", "yes"],
  ["RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6 AF_NETLINK"],
  ["SystemCallArchitectures", "native"],
  ["SystemCallFilter", "@system-service"],
  ["SystemCallErrorNumber", "EPERM"],
  ["MemoryDenyWriteExecute", "no"],
  ["UMask", "0027"],
];

const SYSTEM_ONLY: readonly Directive[] = [
  ["CapabilityBoundingSet", ""],
  ["AmbientCapabilities", ""],
  ["ProtectSystem", "strict"],
  ["ProtectHome", "yes"],
  ["PrivateTmp", "yes"],
  ["ProtectProc", "invisible"],
  ["ProtectHostname", "yes"],
  ["ProtectClock", "yes"],
  ["ProtectKernelTunables", "yes"],
  ["ProtectKernelModules", "yes"],
  ["ProtectKernelLogs", "yes"],
  ["ProtectControlGroups", "yes"],
  ["RemoveIPC", "yes"],
  ["KeyringMode", "private"],
  ["DevicePolicy", "closed"],
  ...DEVICES.map((device): Directive => ["DeviceAllow", `${device} rw`]),
];

/** A user's manager has not the right to the rest of it. */
export function hardening(mode: SystemdMode): Directive[] {
  return mode === "system" ? [...EVERYWHERE, ...SYSTEM_ONLY] : [...EVERYWHERE];
}

/** What must be loosened so that these files, which a unit runs or reads, can be seen. */
export function loosening(paths: readonly string[]): Directive[] {
  const under = (...folders: string[]) =>
    paths.some((path) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`)));
  return [
    ...(under("/home", "/root", "/run/user") ? ([["ProtectHome", "read-only"]] as const) : []),
    ...(under("/tmp", "/var/tmp") ? ([["PrivateTmp", "no"]] as const) : []),
  ];
}
