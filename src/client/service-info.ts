// What is known about one monitored thing (a service, a launcher, any program with a monitor): plain data.
import type { JsonObject } from "../common/json.ts";
import type { Status } from "../monitoring/status.ts";

/** Age of the last heartbeat: alive < 30 s, stale < 120 s, dead beyond; none: no heartbeat is expected (yet). */
export type HeartbeatState = "alive" | "stale" | "dead" | "none";

/** The status to believe: as reported, unless the one who reported it has fallen silent. */
export type ShownStatus = Status | "stale" | "dead";

/**
 * The verdict: `ok` works; `warning` works, with a doubt; `starting`; `failed` says or was seen to be broken;
 * `dead` should be running and is silent; `stopped` on purpose; `unknown` nothing is known of it but its name.
 */
export type Health = "ok" | "warning" | "starting" | "failed" | "dead" | "stopped" | "unknown";

/** Where a service stands after a crash. */
export type RestartState = "restarting" | "failed" | "recovered";

/** A part of a service, from `details.children` of its status. */
export interface ChildInfo {
  name: string;
  /** The worst of its own and its parts'. */
  status: Status;
  /** Without its parts; absent if it does not tell. */
  ownStatus?: Status | undefined;
  message?: string | undefined;
  /** Milliseconds since the epoch. */
  time?: number | undefined;
  children: ChildInfo[];
}

/** When a periodic service runs; milliseconds since the epoch. */
export interface TimetableInfo {
  /** As `every 30 s`, `0 12 * * * UTC`. */
  schedule: string;
  nextRun?: number | undefined;
  lastRun?: number | undefined;
}

/** An operator's stop: it holds until somebody starts the service. */
export interface HeldBy {
  /** Who: `ann@vm`. */
  by: string;
  /** Milliseconds since the epoch. */
  at?: number | undefined;
  reason?: string | undefined;
}

/** That it was taken out of its launcher's configuration while the launcher ran. */
export interface Removal {
  /** Who: `ann@vm`. */
  by: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** All times are milliseconds since the epoch; durations are in the unit their name says. */
export interface ServiceInfo {
  serviceId: string;
  /** `service_type`: the id without its last part. */
  type: string;
  variant: string;
  /** A launcher runs others; everything else is a service. */
  kind: "service" | "launcher";

  /** The status to believe; never a healthy one for something that is dead or silent. */
  status: ShownStatus;
  /** What was last said, by itself or by its runner. */
  reportedStatus: Status;
  health: Health;
  /** Why health is not `ok`, in words; absent when it is. */
  reason?: string | undefined;
  /** The service's own last words. */
  message?: string | undefined;
  statusTime?: number | undefined;

  /** Monitor name of the launcher, or of another parent. */
  parent?: string | undefined;
  runnerId?: string | undefined;
  host?: string | undefined;
  pid?: number | undefined;

  startTime?: number | undefined;
  /** When it was fully started, if its runner says so. */
  readyTime?: number | undefined;
  stopTime?: number | undefined;
  /** `completed`, `terminated` or `force_killed`. */
  stopReason?: string | undefined;
  /** Present while an operator wants it stopped: then it is not missing, and no problem. */
  heldBy?: HeldBy | undefined;
  /** Present for a periodic service: between its runs it is not missing. */
  timetable?: TimetableInfo | undefined;
  /** Of the last end, clean or not; negative = killed by that signal. */
  exitCode?: number | undefined;
  crashTime?: number | undefined;
  crashExitCode?: number | undefined;
  willRestart?: boolean | undefined;
  restartPolicy?: string | undefined;
  restartCount?: number | undefined;
  restartAttempt?: number | undefined;
  /** Restarts allowed; null = unlimited; absent = not known. */
  restartMax?: number | null | undefined;
  restartState?: RestartState | undefined;

  heartbeatTime?: number | undefined;
  heartbeatAgeSeconds?: number | undefined;
  heartbeatState: HeartbeatState;

  /** Named by a launcher's configuration. */
  declared: boolean;
  declaredTime?: number | undefined;
  /** Never declared: run by hand. */
  ephemeral: boolean;
  /**
   * Was declared once, but its launcher has said that it is no more, or has started since without it; or a dead
   * launcher that others have replaced.
   */
  removed: boolean;
  /** Of one that is removed, if its launcher has said so. */
  removal?: Removal | undefined;
  /** A heartbeat within 24 hours. */
  fresh: boolean;
  /** Reported operational (healthy or starting) and not stopped. */
  running: boolean;
  /** Running by its own word, but its heartbeat is dead. */
  zombie: boolean;
  /** Belongs in the default view: running, freshly broken, or missing while it should run. */
  current: boolean;
  uptimeSeconds?: number | undefined;
  /** When anything was last heard of it. */
  lastSeen?: number | undefined;

  children: ChildInfo[];
  metrics: JsonObject;
}
