// The launcher: a library user's way to run a fleet.
export { type Catalogue, type CatalogueEntry, type Origin, readCatalogue } from "./catalogue/index.ts";
export { type ConfigVerdict, judgeConfig, readAndJudge } from "./config-verdict.ts";
export { type LastLines, LauncherControl, type LauncherControlOptions } from "./control/index.ts";
export { DesiredState, type HeldBy } from "./desired-state.ts";
export { FleetRun } from "./fleet-run.ts";
export type { FleetRunOptions } from "./fleet-run-options.ts";
export { workerHome } from "./homes/worker.ts";
export { type LauncherName, launcherName } from "./launcher-id.ts";
export { AlreadyRunningError } from "./lock.ts";
export { Renewal, Succession } from "./renewal/index.ts";
export type { RunnerState } from "./runner-standing.ts";
export { CHILD_COMMAND } from "./self-command.ts";
export { ServiceRunner } from "./service-runner.ts";
export { ServicesLauncher } from "./services-launcher.ts";
export type { ServicesLauncherOptions } from "./services-launcher-options.ts";
