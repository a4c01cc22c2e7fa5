// Control of a launcher over NATS.
export { type LastLines, LauncherControl, type LauncherControlOptions } from "./launcher-control.ts";
export { readAsker } from "./order.ts";
