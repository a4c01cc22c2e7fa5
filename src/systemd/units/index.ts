// Unit files from a configuration, and their installation.
export * from "./directives.ts";
export { hardening, loosening } from "./hardening.ts";
export { apply, type Change, compare, type Difference, departure, type FileAction, remove } from "./install.ts";
export { type FileState, type Installed, isSame, type Manifest, readManifest, stateOf } from "./manifest.ts";
export {
  DEFAULT_USER,
  launcherUnit,
  type PlanOptions,
  planUnits,
  type SystemdMode,
  serviceUnit,
  type UnitPlan,
} from "./plan.ts";
export { isSystemdHere, makeAccounts, showUnits, systemctl, systemdVersion } from "./systemctl.ts";
export {
  commandWord,
  type Directive,
  escapeInstance,
  escapePath,
  literal,
  quoted,
  timeSpan,
  unitText,
} from "./text.ts";
