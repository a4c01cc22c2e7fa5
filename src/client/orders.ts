// Orders to launchers: start, stop, restart; and what came of them.
import type { NatsConnection } from "nats";
import type { JsonObject } from "../common/json.ts";
import { askAtWork, describeFault } from "./ask-launcher.ts";
import type { ReachedLauncher } from "./fleet-reach.ts";

export type OrderVerb = "start" | "stop" | "restart";

export interface OrderOptions {
  /** Who orders it: `ann@vm`. */
  by: string;
  reason?: string | undefined;
  /** How long to wait, milliseconds; default: 30 s and, for a stop, what its launcher lets a service take. */
  limitMs?: number | undefined;
}

export interface OrderResult {
  serviceId: string;
  /** Monitor name of the launcher that was asked. */
  launcher?: string | undefined;
  ok: boolean;
  /** The launcher's answer. */
  reply?: JsonObject | undefined;
  /** Why it is not done, in words. */
  error?: string | undefined;
}

const LIMIT_MS = 30_000;
/** Beyond the terminate delay: what a launcher may take to end a service by force, and to answer. */
const SLACK_MS = 6_000;

/** Gives one order to one launcher, and waits until it is done or is not going to be. Never rejects. */
export async function giveOrder(
  connection: NatsConnection,
  prefix: string,
  verb: OrderVerb,
  serviceId: string,
  launcher: ReachedLauncher,
  options: OrderOptions,
): Promise<OrderResult> {
  const stopMs = (launcher.terminateDelayMs ?? 0) + SLACK_MS;
  const limitMs = options.limitMs ?? Math.max(LIMIT_MS, verb === "restart" ? stopMs + LIMIT_MS : stopMs);
  const { by, reason } = options;
  const data = { by, timeout: limitMs / 1000, ...(reason === undefined ? {} : { reason }) };
  try {
    const reply = await askAtWork({ connection, prefix, launcher, command: `${verb}.${serviceId}`, data, limitMs });
    const ok = reply.done !== false;
    const why = typeof reply.reason === "string" ? reply.reason : String(reply.result ?? "not done");
    return { serviceId, launcher: launcher.name, ok, reply, ...(ok ? {} : { error: why }) };
  } catch (error) {
    return { serviceId, launcher: launcher.name, ok: false, error: describeFault(error, launcher) };
  }
}
