// Asking a launcher to read its configuration again; and what came of it.
import type { NatsConnection } from "nats";
import type { JsonObject } from "../common/json.ts";
import { askAtWork, describeFault } from "./ask-launcher.ts";
import type { ReachedLauncher } from "./fleet-reach.ts";

export interface ReloadOptions {
  /** Who wants it: `ann@vm`. */
  by: string;
  /** Only look what would be changed. */
  dryRun?: boolean | undefined;
  /** How long to wait, milliseconds; default: 60 s and what its launcher lets services take to stop. */
  limitMs?: number | undefined;
}

export interface ReloadResult {
  launcher: ReachedLauncher;
  /** It is as the file says, and everything that was begun for that runs. */
  ok: boolean;
  /** The launcher's answer. */
  reply?: JsonObject | undefined;
  /** Why there is none, in words. */
  error?: string | undefined;
}

/** For reading, checking and starting; beyond what stops may take. */
const LIMIT_MS = 60_000;

/** Asks one launcher, and waits until it is done or is not going to be. Never rejects. */
export async function askToReload(
  connection: NatsConnection,
  prefix: string,
  launcher: ReachedLauncher,
  options: ReloadOptions,
): Promise<ReloadResult> {
  const { by, dryRun = false, limitMs = LIMIT_MS + 2 * (launcher.terminateDelayMs ?? 0) } = options;
  const data = { by, dry_run: dryRun, timeout: limitMs / 1000 };
  try {
    const reply = await askAtWork({ connection, prefix, launcher, command: "reload", data, limitMs });
    return { launcher, ok: reply.done === true, reply };
  } catch (error) {
    return { launcher, ok: false, error: describeFault(error, launcher) };
  }
}
