// Monitoring: status, health, heartbeats. Public as "ocabox-tcs/monitoring".
export { Logger, type LogLevel, type LogRecord, type LogSink } from "../common/logger.ts";
export { Messenger, type MessengerOptions } from "../messaging/messenger.ts";
export { type CreateMonitorOptions, createMonitor } from "./create-monitor.ts";
export { MonitorOptionError, MonitorTreeError } from "./errors.ts";
export type { Statement, StatusAnswer, StatusCallback } from "./health.ts";
export { MessengerMonitoredObject, type MessengerMonitorOptions } from "./messenger-object.ts";
export type { MetricCallback, MetricOptions, MetricTier } from "./metrics.ts";
export { MonitoredObject, type MonitoredObjectOptions } from "./monitored-object.ts";
export type { ProgramMonitor } from "./program-monitor.ts";
export type { StatusReport } from "./report.ts";
export { ReportingMonitoredObject, type ReportingOptions } from "./reporting-object.ts";
export { aggregateStatus, isHealthy, isOperational, isStatus, Status } from "./status.ts";
export type { TrackedTask } from "./tasks.ts";
export { type Heartbeat, heartbeatData, type Origin, statusData } from "./wire.ts";
