// tcs on a host: installed, renewed while it runs, taken back.
export { InstallError } from "./errors.ts";
export {
  foreignFiles,
  install,
  type Package,
  rollBack,
  type Switched,
  uninstall,
  versionBefore,
  withPrefix,
} from "./install.ts";
export { defaultPrefix, EXTRAS, type ExtraTexts, type Layout, layoutOf, systemPrefix, userPrefix } from "./layout.ts";
export { type InstalledLauncher, type InstalledProcess, sortedProcesses } from "./processes.ts";
export { describeLauncher, outdatedLaunchers, renewLaunchers, restartUnits } from "./renew.ts";
export { currentVersion, versionName } from "./versions.ts";
