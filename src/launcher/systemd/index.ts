export { Manager, NoSystemdError } from "./manager.ts";
export { type JoinedRun, type LifeListener, type OwnDoing, ServiceUnit } from "./service-unit.ts";
export { UnitFiles } from "./unit-files.ts";
export { type UnitEnd, WATCHDOG_WORDS } from "./unit-view.ts";
