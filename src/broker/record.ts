// Where this user's embedded broker is: a file in the state folder, written by whoever started it.
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeError, StateFolderError } from "../common/errors.ts";
import { stateFolder } from "../common/paths.ts";
import { isAlive } from "../common/process-info.ts";
import type { RunningBroker } from "./server.ts";

export interface BrokerRecord {
  url: string;
  port: number;
  pid: number;
  /** Of that pid, see ProcessIdentity. */
  startTime: number;
  serverId: string;
}

/** Folder of the embedded broker of this user. */
export function brokerFolder(env: Record<string, string | undefined> = process.env): string {
  return join(stateFolder(env), "broker");
}

function recordFile(folder: string): string {
  return join(folder, "broker.json");
}

/** Makes a running broker known. @throws StateFolderError */
export function writeRecord(folder: string, broker: RunningBroker): void {
  const { url, port, serverId } = broker;
  const record: BrokerRecord = { url, port, ...broker.process, serverId };
  const file = recordFile(folder);
  const scratch = `${file}.${process.pid}`;
  try {
    writeFileSync(scratch, `${JSON.stringify(record)}\n`, { mode: 0o600 });
    renameSync(scratch, file);
  } catch (cause) {
    throw new StateFolderError(`cannot write ${file}: ${describeError(cause)}`, {
      cause,
      hint: "set TCS_STATE_DIR to a folder you can write to",
    });
  }
}

/** Forgets a broker that has ended; another's record is left alone. */
export function removeRecord(folder: string, { serverId }: { serverId: string }): void {
  if (readRecord(folder)?.serverId === serverId) rmSync(recordFile(folder), { force: true });
}

/** The living embedded broker recorded in `folder`, if there is one. */
export function findRunningBroker(folder: string = brokerFolder()): BrokerRecord | undefined {
  const record = readRecord(folder);
  return record && isAlive(record) ? record : undefined;
}

function readRecord(folder: string): BrokerRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(recordFile(folder), "utf8"));
  } catch {
    // None there, unreadable or damaged: no broker is known, and the next one to start writes it anew.
    return undefined;
  }
  return isRecord(value) ? value : undefined;
}

function isRecord(value: unknown): value is BrokerRecord {
  if (typeof value !== "object" || value === null) return false;
  const has = (key: keyof BrokerRecord, type: "string" | "number") => typeof Reflect.get(value, key) === type;
  return (
    has("url", "string") &&
    has("port", "number") &&
    has("pid", "number") &&
    has("startTime", "number") &&
    has("serverId", "string")
  );
}
