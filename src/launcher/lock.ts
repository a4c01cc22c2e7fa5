// One launcher per fleet on a host: a second one is told who runs it.
import { closeSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { TcsError } from "../common/errors.ts";
import { ensureStateFolder } from "../common/paths.ts";
import { identifyProcess, isAlive, type ProcessIdentity } from "../common/process-info.ts";

export class AlreadyRunningError extends TcsError {
  override readonly code = "E_ALREADY_RUNNING";
}

/**
 * Takes the lock of a launcher id.
 * @returns gives it back
 * @throws AlreadyRunningError naming the process that holds it
 */
export function lockLauncher(launcherId: string, configFile: string): () => void {
  const path = join(ensureStateFolder("launchers"), `${launcherId}.lock`);
  const mine = JSON.stringify(identifyProcess(process.pid) ?? { pid: process.pid, startTime: 0 });
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const file = openSync(path, "wx", 0o600);
      writeSync(file, mine);
      closeSync(file);
      return () => {
        if (readOwner(path) === mine) unlinkSync(path);
      };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
      const owner = parseOwner(readOwner(path));
      if (owner && isAlive(owner)) {
        throw new AlreadyRunningError(`${configFile} is already run by a launcher on this host (pid ${owner.pid})`, {
          cause,
          hint: `see it with "tcs status"; end it with "kill ${owner.pid}"`,
        });
      }
      removeStale(path);
    }
  }
  throw new TcsError(`cannot take the lock ${path}`, { hint: "remove the file if no launcher runs" });
}

function readOwner(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Gone in the meantime: nobody owns it.
    return undefined;
  }
}

function parseOwner(text: string | undefined): ProcessIdentity | undefined {
  try {
    const owner: unknown = JSON.parse(text ?? "");
    if (typeof owner !== "object" || owner === null || !("pid" in owner) || !("startTime" in owner)) return undefined;
    const { pid, startTime } = owner;
    return typeof pid === "number" && typeof startTime === "number" ? { pid, startTime } : undefined;
  } catch {
    // A half-written lock is the lock of a launcher that died writing it.
    return undefined;
  }
}

function removeStale(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another launcher removed it first: the next attempt tells who has it now.
  }
}
