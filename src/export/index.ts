// A fleet as containers: what tcs export writes.
export { reachableBroker } from "./command.ts";
export { ExportError } from "./errors.ts";
export { APP_FOLDER, BROKER_NAME } from "./layout.ts";
export { isLabel } from "./names.ts";
export { readForExport } from "./source.ts";
export {
  type ExportedFile,
  type ExportOptions,
  type ExportSource,
  type Plan,
  type ServiceTraits,
  SHARES,
  type Share,
} from "./types.ts";
export { planUnits } from "./units.ts";
export { writeExport } from "./write.ts";
