// Live changes of a fleet.
export { type Effect, type FleetChange, fleetChange, type RowChange, withoutIdle } from "./fleet-change.ts";
export { type NotRunning, Reloader, type ReloaderOptions, type ReloadOutcome, type ReloadRequest } from "./reloader.ts";
export { Reloads } from "./reloads.ts";
export { restartSome } from "./start-again.ts";
export { type Told, withToldAsTheyAre } from "./told.ts";
