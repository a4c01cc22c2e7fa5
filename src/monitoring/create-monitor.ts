// Status, heartbeats and health on NATS for any program, in three lines.
import { basename } from "node:path";
import type { NatsConnection } from "nats";
import { stderrSink } from "../common/log-line.ts";
import type { LogSink } from "../common/logger.ts";
import type { Messenger } from "../messaging/index.ts";
import { MonitorOptionError } from "./errors.ts";
import { checkedInterval, checkedSubject } from "./options.ts";
import type { ProgramMonitor } from "./program-monitor.ts";
import { currentVoice } from "./voice.ts";

export interface CreateMonitorOptions {
  /** Default: that of the service it is created in, else `svc`. */
  subjectPrefix?: string;
  /** Seconds between heartbeats, default 10. */
  heartbeatInterval?: number;
  /** Seconds between two rounds of health checks, default 30. */
  healthcheckInterval?: number;
  /** Name of the monitor or service that this one is shown under. */
  parentName?: string;
  /** An open connection of the `nats` package: it is used, and stays yours to close. */
  connection?: NatsConnection;
  /** The same with a Messenger of this library. */
  messenger?: Messenger;
  /** Close when SIGINT, SIGTERM or SIGHUP ends the program, unless it handles the signal itself. Default: false. */
  closeOnSignal?: boolean;
  /** Where trouble is told (a callback that fails, a stream that is missing). Default: lines on stderr. */
  log?: LogSink;
}

/**
 * A monitor that reports to NATS: by the connection it is given, else by that of the service it is created in, else by
 * one of its own. The broker is then found by `TCS_NATS_URL`, `NATS_URL`, `NATS_HOST` and `NATS_PORT`, else it is this
 * host's; nothing waits for it, and reports are kept until it is there.
 * @param name where others find it: `<prefix>.status.<name>`. Default: the program's name and eight random characters
 * @throws MonitorOptionError when a name or an interval cannot be used
 * @example
 * ```ts
 * import { createMonitor, Status } from "ocabox-tcs/monitoring";
 * await using monitor = await createMonitor("weather");
 * monitor.setStatus(Status.OK, "measuring");
 * ```
 */
export async function createMonitor(name?: string, options?: CreateMonitorOptions): Promise<ProgramMonitor>;
export async function createMonitor(options: CreateMonitorOptions & { name?: string }): Promise<ProgramMonitor>;
export async function createMonitor(
  first?: string | (CreateMonitorOptions & { name?: string }),
  second?: CreateMonitorOptions,
): Promise<ProgramMonitor> {
  const options = typeof first === "object" && first !== null ? first : { ...second, name: first };
  const { connection, messenger, log = stderrSink({ least: "warning" }) } = options;
  const name = checkedSubject("monitor name", options.name ?? madeUpName());
  const hosted = connection || messenger ? undefined : currentVoice();
  const prefix = checkedSubject("subjectPrefix", options.subjectPrefix ?? hosted?.subjectPrefix ?? "svc");
  const parent = options.parentName ?? hosted?.owner?.();
  if (parent !== undefined) checkedSubject("parentName", parent);
  const heartbeatIntervalMs = checkedInterval("heartbeatInterval", options.heartbeatInterval ?? 10);
  const healthcheckIntervalMs = checkedInterval("healthcheckInterval", options.healthcheckInterval ?? 30);
  if (connection && typeof connection.publish !== "function") {
    throw new MonitorOptionError('connection: expected an open one, as await connect() of "nats" gives it');
  }
  // Loaded now: a service imports this room for its status only.
  const { ProgramMonitor } = await import("./program-monitor.ts");
  const voice =
    hosted ?? (await import("./own-voice.ts")).openVoice({ name, subjectPrefix: prefix, log, connection, messenger });
  return new ProgramMonitor(name, {
    voice,
    subjectPrefix: prefix,
    heartbeatIntervalMs,
    healthcheckIntervalMs,
    parent,
    closeOnSignal: options.closeOnSignal,
  });
}

/** As `weather_x7Kf02qs`: a token of a subject. */
function madeUpName(): string {
  const program = basename(process.argv[1] ?? "").replace(/\.[cm]?[jt]s$/, "");
  const token = program.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 40) || "program";
  return `${token}_${crypto.randomUUID().replaceAll("-", "").slice(0, 8)}`;
}
