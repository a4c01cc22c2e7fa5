// The doctor: looks at everything a fleet depends on, and says what to do about what is not well.
export type { ConfigToCheck } from "./check.ts";
export { type CheckReport, type DiagnoseOptions, type Diagnosis, diagnose } from "./diagnose.ts";
export type { Finding, Level } from "./finding.ts";
