// The answers of a launcher, as PROTOCOL has them, with fields of ours added.
import { resolve } from "node:path";
import type { JsonObject } from "../../common/json.ts";
import type { LogRecord } from "../../common/logger.ts";
import type { ModuleRef } from "../../config/types.ts";
import { toWireTimestamp } from "../../messaging/timestamp.ts";
import type { Elsewhere } from "../elsewhere.ts";
import { noteFields } from "../live-config.ts";
import type { OwnerInfo } from "../ownership/index.ts";
import { targetFields } from "../registry-events.ts";
import type { ServiceRunner } from "../service-runner.ts";
import type { Outcome } from "./conductor.ts";
import { lifeWord } from "./life-word.ts";
import type { Order } from "./order.ts";

/** One service in the answer to `list`. */
export function listEntry(runner: ServiceRunner): JsonObject {
  if (runner.elsewhere) return entryElsewhere(runner, runner.elsewhere);
  const { status, message } = runner.status;
  return {
    service_id: runner.id,
    status,
    ...(runner.pid === undefined ? {} : { pid: runner.pid }),
    state: lifeWord(runner),
    ...(message === undefined ? {} : { message }),
    home: runner.row.home,
    ...targetOf(runner),
    ...countsOf(runner),
    ...noteFields(runner.config?.note),
  };
}

/** How often it was started, started again, and ended badly, since the launcher runs. */
export function countsOf({ events: { story } }: ServiceRunner): JsonObject {
  return { starts: story.count("start"), restarts: story.count("restarting"), crashes: story.count("crashed") };
}

/** A service that another launcher has: how it is, that one tells. */
function entryElsewhere(runner: ServiceRunner, { message, owner }: Elsewhere): JsonObject {
  return {
    service_id: runner.id,
    status: "unknown",
    state: lifeWord(runner),
    message,
    home: runner.row.home,
    standby: runner.row.standby,
    ...(owner === undefined ? {} : { owner: ownerFields(owner) }),
  };
}

function ownerFields({ launcher, host, pid }: OwnerInfo): JsonObject {
  return {
    ...(launcher === undefined ? {} : { launcher }),
    ...(host === undefined ? {} : { hostname: host }),
    ...(pid === undefined ? {} : { pid }),
  };
}

/** `target` is always there; who set it only while it is `stopped`. */
function targetOf({ heldBy }: ServiceRunner): JsonObject {
  return { target: "running", ...targetFields(heldBy) };
}

export interface Answerer {
  launcherId: string;
  hostname: string;
}

/** The answer to `start`, `stop` and `restart`. */
export function orderReply(
  runner: ServiceRunner,
  order: Order,
  outcome: Outcome,
  { launcherId, hostname }: Answerer,
): JsonObject {
  const { result, done, was, now, wasPid, reason, forceKilled, exitCode, notKept } = outcome;
  const { status, message } = runner.status;
  return {
    launcher_id: launcherId,
    service_id: runner.id,
    result,
    ...(runner.pid === undefined ? {} : { pid: runner.pid }),
    timestamp: toWireTimestamp(),
    done,
    was,
    now,
    ...(wasPid === undefined ? {} : { was_pid: wasPid }),
    status,
    ...(message === undefined ? {} : { message }),
    ...(reason === undefined ? {} : { reason }),
    ...(forceKilled === undefined ? {} : { force_killed: forceKilled }),
    ...(exitCode === undefined ? {} : { exit_code: exitCode }),
    by: order.by,
    ...targetOf(runner),
    hostname,
    ...(notKept === undefined ? {} : { not_kept: notKept }),
  };
}

/** The answer to `why`. */
export function whyReply(
  runner: ServiceRunner,
  { log, remote }: { log: readonly LogRecord[]; remote: readonly string[] },
  { launcherId, hostname }: Answerer,
): JsonObject {
  const { row, status, lastExit, pid, events, elsewhere } = runner;
  const { story } = events;
  const { lastEnd } = story;
  const { policy, delayMs, max, windowMs } = row.restart;
  return {
    launcher_id: launcherId,
    service_id: runner.id,
    timestamp: toWireTimestamp(),
    hostname,
    state: lifeWord(runner),
    status: status.status,
    ...(status.message === undefined ? {} : { message: status.message }),
    status_time: toWireTimestamp(status.time),
    ...(pid === undefined ? {} : { pid }),
    ...targetOf(runner),
    ...(lastEnd === undefined
      ? {}
      : {
          last_end: {
            ...lastEnd.fields,
            event: lastEnd.event,
            timestamp: toWireTimestamp(lastEnd.time),
            ...(lastExit?.error === undefined ? {} : { error: lastExit.error }),
            ...(lastExit?.place === undefined ? {} : { place: lastExit.place }),
          },
        }),
    ...countsOf(runner),
    restart: { policy, delay_seconds: delayMs / 1000, max, window_seconds: windowMs / 1000 },
    history: story.events.map(({ event, time, fields }) => ({ ...fields, event, timestamp: toWireTimestamp(time) })),
    ...(elsewhere === undefined ? {} : { elsewhere: elsewhere.message }),
    ...noteFields(runner.config?.note),
    home: row.home,
    ...(row.group === undefined ? {} : { group: row.group }),
    ...(row.after.length === 0 ? {} : { after: row.after }),
    ...sourceOf(row.module),
    ...(row.position ? { config: { file: resolve(row.position.file), line: row.position.line } } : {}),
    ...(remote.length === 0 ? {} : { config_remote: [...remote] }),
    log: log.map(({ time, level, source, message }) => ({ timestamp: toWireTimestamp(time), level, source, message })),
  };
}

function sourceOf(module: ModuleRef): JsonObject {
  switch (module.kind) {
    case "builtin":
      return { module: "in the binary" };
    case "file":
      return { module: module.path };
    case "program":
      return { command: module.written };
    default:
      return module satisfies never;
  }
}
