// Logs: kept in files, the last lines in memory, published bounded, and read back from either.
export { isWanted, type LogFilter } from "./filter.ts";
export { FleetLog, type FleetLogOptions } from "./fleet-log.ts";
export { type HandFolder, takeHandFolder } from "./hand-folder.ts";
export { type LogLine, tailJson } from "./line.ts";
export { findLocalLogs, type LocalLog, logsFolder } from "./local.ts";
export { followLocalLogs } from "./local-follow.ts";
export { type LocalMark, readLocalLog } from "./local-history.ts";
export { byId, mergeByTime } from "./merge.ts";
export { maskReports, SecretMask } from "./secrets.ts";
export { DEFAULT_LOG_LIMITS, type LogLimits } from "./store.ts";
export { idsIn, linesTo } from "./stream.ts";
export { readStreamLogs } from "./stream-history.ts";
export { tailOf } from "./tail.ts";
