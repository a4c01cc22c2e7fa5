// Asking a launcher for what may take long, and seeing meanwhile that it lives.
import type { NatsConnection } from "nats";
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { PermissionDeniedError } from "../messaging/permission.ts";
import { askRpc, RpcNoResponderError, RpcRefusedError, RpcTimeoutError } from "../messaging/rpc.ts";
import { Subjects } from "../messaging/subjects.ts";
import { formatDuration } from "./duration.ts";
import type { ReachedLauncher } from "./fleet-reach.ts";
import type { ServiceInfo } from "./service-info.ts";

export interface LauncherQuestion {
  connection: NatsConnection;
  /** Subject prefix of the fleet. */
  prefix: string;
  launcher: ReachedLauncher;
  command: string;
  data: JsonObject;
  /** How long to wait for the answer, milliseconds. */
  limitMs: number;
}

/**
 * Asks a launcher, and waits as long as it gives signs of life.
 * @throws RpcNoResponderError, RpcTimeoutError, RpcRefusedError, BrokerUnreachableError: see `describeFault`
 */
export async function askAtWork(question: LauncherQuestion): Promise<JsonObject> {
  const { connection, prefix, launcher, command, data, limitMs } = question;
  const subject = new Subjects(prefix).rpc(launcher.name, command);
  const watch = watchLauncher(connection, prefix, launcher.name);
  try {
    return await Promise.race([askRpc(connection, subject, data, { limitMs }), watch.silence]);
  } finally {
    watch.end();
  }
}

/** How often a launcher at work is asked for a sign of life, and how long it may owe it, milliseconds. */
const PING_MS = 1_000;
const SILENCE_MS = 3_000;

/**
 * Sees that a launcher lives while it carries out an order, which may take long. (That nobody listens is not always
 * told: whoever listens to all of a fleet, as a dashboard does, counts as a listener.)
 */
function watchLauncher(connection: NatsConnection, prefix: string, name: string) {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  // The order may have been answered by then: nobody waits for it any more.
  silence.catch(() => undefined);
  const subject = new Subjects(prefix).rpc(name, "describe");
  let heardAt = performance.now();
  const ping = async () => {
    try {
      await askRpc(connection, subject, {}, { limitMs: SILENCE_MS });
      heardAt = performance.now();
    } catch (error) {
      // A refusal is a sign of life too; the rest shows in the time that passes.
      if (error instanceof RpcRefusedError) heardAt = performance.now();
    }
  };
  const timer = setInterval(() => {
    if (performance.now() - heardAt > SILENCE_MS) {
      reject(new RpcTimeoutError(`no sign of life within ${SILENCE_MS / 1000} s`));
    } else void ping();
  }, PING_MS);
  return { silence, end: () => clearInterval(timer) };
}

/** Why a launcher did not answer, or not as it should. */
export function describeFault(error: unknown, launcher: ReachedLauncher): string {
  if (error instanceof RpcNoResponderError) return describeSilence(launcher.info);
  if (error instanceof PermissionDeniedError) return `${error.message} (${error.hint})`;
  // Late is not never: a slow service may still come to do it.
  if (error instanceof RpcTimeoutError)
    return `${describeSilence(launcher.info)}: ${error.message}; it may still be done`;
  return describeError(error);
}

/** Why a launcher does not answer, as far as its heartbeats tell. */
export function describeSilence(info: ServiceInfo | undefined): string {
  if (!info) return "its launcher does not answer, and nothing is known of it";
  const age = info.heartbeatAgeSeconds;
  const host = info.host === undefined ? "" : ` on ${info.host}`;
  const last = age === undefined ? "it has never sent a heartbeat" : `last heartbeat ${formatDuration(age)} ago`;
  if (info.health === "stopped") return `its launcher${host} was stopped (${last})`;
  const alive = info.heartbeatState === "alive";
  return `its launcher${host} does not answer (${last}${alive ? ": it has just died, hangs, or takes no commands" : ""})`;
}
