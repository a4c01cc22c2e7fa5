// Lines and folders for tests of logs.
import type { LogRecord } from "../../src/common/logger.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

export const NOON = Date.UTC(2026, 10, 20, 12);

export function record(message: string, more: Partial<LogRecord> = {}): LogRecord {
  return { time: NOON, level: "info", source: "dome.main", message, ...more };
}

/** A small disk of its own, in memory. */
export function smallDisk(size: string): TempFolder {
  const folder = tempFolder("tcs-disk-");
  const { exitCode, stderr } = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder.path]);
  if (exitCode !== 0) throw new Error(stderr.toString());
  return {
    ...folder,
    [Symbol.dispose]() {
      Bun.spawnSync(["umount", "-l", folder.path]);
      folder[Symbol.dispose]();
    },
  };
}

/** Whether this user may mount disks (it takes root). */
export const canMount = (() => {
  try {
    smallDisk("1m")[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
})();
