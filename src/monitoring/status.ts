// Status values and their aggregation: worst wins.

/** Status of a monitored object, as on the wire. */
export const Status = {
  UNKNOWN: "unknown",
  STARTUP: "startup",
  OK: "ok",
  IDLE: "idle",
  BUSY: "busy",
  DEGRADED: "degraded",
  WARNING: "warning",
  ERROR: "error",
  SHUTDOWN: "shutdown",
  FAILED: "failed",
} as const;
export type Status = (typeof Status)[keyof typeof Status];

const ALL: ReadonlySet<string> = new Set(Object.values(Status));
const HEALTHY: ReadonlySet<Status> = new Set([Status.OK, Status.IDLE, Status.BUSY, Status.DEGRADED, Status.WARNING]);
/** What is not well, the worst first. */
export const WORST_FIRST = [
  Status.FAILED,
  Status.ERROR,
  Status.WARNING,
  Status.DEGRADED,
  Status.STARTUP,
  Status.SHUTDOWN,
  Status.BUSY,
] as const;

export function isStatus(value: unknown): value is Status {
  return typeof value === "string" && ALL.has(value);
}

/** ok, idle, busy, degraded, warning: it works. */
export function isHealthy(status: Status): boolean {
  return HEALTHY.has(status);
}

/** Healthy, or still starting. */
export function isOperational(status: Status): boolean {
  return status === Status.STARTUP || HEALTHY.has(status);
}

/** The aggregate of several statuses (PROTOCOL: worst wins; idle if any idle among ok; none: unknown; else warning). */
export function aggregateStatus(statuses: Iterable<Status>): Status {
  const seen = new Set(statuses);
  if (seen.size === 0) return Status.UNKNOWN;
  for (const status of WORST_FIRST) if (seen.has(status)) return status;
  const onlyOkOrIdle = [...seen].every((status) => status === Status.OK || status === Status.IDLE);
  if (onlyOkOrIdle) return seen.has(Status.IDLE) ? Status.IDLE : Status.OK;
  return Status.WARNING;
}
