// Dev mode: a fleet that follows its files.
export type { DevMode } from "./dev-mode.ts";
export { startDevMode } from "./start-dev-mode.ts";
