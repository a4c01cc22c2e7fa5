// Unit files from a configuration, and their installation.
export * from "./directives.ts";
export { hardening, loosening } from "./hardening.ts";
export { apply, type Change, compare, type Difference, departure, type FileAction, remove } from "./install.ts";
export { type FileState, type Installed, isSame, type Manifest, readManifest, stateOf } from "./manifest.ts";
export { type SystemdMode, startTarget, unitFolder } from "./mode.ts";
export { launcherUnit, serviceUnit } from "./names.ts";
export { dropInOf, type PlanOptions, planUnits, type UnitPlan } from "./plan.ts";
export { isSystemdHere, makeAccounts, showUnits, systemctl, systemdVersion } from "./systemctl.ts";
export { refuseTaken, UnitTakenError } from "./taken.ts";
export { DEFAULT_USER } from "./templates.ts";
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
