// The broker's folder: configuration, log and data of the embedded nats-server.
import { readdirSync, readFileSync, renameSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeError, StateFolderError } from "../common/errors.ts";

export interface Store {
  /** nats-server's configuration file. */
  config: string;
  log: string;
  /** Length of the log when the store was prepared: what follows is the new server's. */
  logStart: number;
}

const LOG_NAME = "nats-server.log";
/** One file; the server starts a new one then. Older ones are removed at each start. */
const LOG_LIMIT_BYTES = 1_000_000;
/**
 * JetStream refuses a stream whose limit is not free of the server's own limit, by default 75 % of the free disk:
 * on a small disk the 810 MiB of our streams. The limits are promises, not reservations of space, so allow them.
 */
const LEAST_STORE_BYTES = 4 * 1024 ** 3;

/** Writes the configuration file and tidies the logs. @throws StateFolderError */
export function prepareStore(folder: string): Store {
  const log = join(folder, LOG_NAME);
  const config = join(folder, "nats-server.conf");
  try {
    for (const name of readdirSync(folder)) {
      if (name.startsWith(`${LOG_NAME}.`)) rmSync(join(folder, name), { force: true });
    }
    const text = [
      "# Written by tcs at each start of its broker.",
      // NATS reads JSON strings as its own.
      `jetstream { store_dir: ${JSON.stringify(folder)}, max_file_store: ${storeLimit(folder)} }`,
      `log_file: ${JSON.stringify(log)}`,
      `log_size_limit: ${LOG_LIMIT_BYTES}`,
    ].join("\n");
    // By rename: another process may be starting its server from this file at this moment.
    const scratch = `${config}.${process.pid}`;
    writeFileSync(scratch, `${text}\n`, { mode: 0o600 });
    renameSync(scratch, config);
  } catch (cause) {
    throw new StateFolderError(`cannot prepare the broker's folder ${folder}: ${describeError(cause)}`, {
      cause,
      hint: "set TCS_STATE_DIR to a folder you can write to",
    });
  }
  return { config, log, logStart: statSync(log, { throwIfNoEntry: false })?.size ?? 0 };
}

function storeLimit(folder: string): number {
  const disk = statfsSync(folder);
  return Math.max(LEAST_STORE_BYTES, Math.floor(disk.bavail * disk.bsize * 0.75));
}

/** The last line the new server logged, without pid and time; undefined when it has not. */
export function lastLogLine({ log, logStart }: Store): string | undefined {
  let text: string;
  try {
    text = readFileSync(log).subarray(logStart).toString("utf8");
  } catch {
    // No log: the server ended before it opened one.
    return undefined;
  }
  return (
    text
      .trim()
      .split("\n")
      .at(-1)
      ?.replace(/^\[\d+\] [\d/]+ [\d:.]+ /, "") || undefined
  );
}
