// Where the log of a service that is run by hand is kept: beside those of launchers, one writer to a file.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { takeLockFile } from "../common/lock-file.ts";
import { fileName } from "./file-name.ts";
import { logsFolder } from "./local.ts";

/** So many runs of one service may go on at a time, each with a folder that is used again later. */
const MOST_AT_ONCE = 20;

/** Disposing lets another run have it. */
export interface HandFolder extends Disposable {
  path: string;
}

/** A folder in which nobody else writes the log of `id`. Never throws: what cannot be written shows when it is. */
export function takeHandFolder(id: string, logs: string = logsFolder()): HandFolder {
  for (let nth = 1; nth <= MOST_AT_ONCE; nth++) {
    const path = join(logs, nth === 1 ? "by-hand" : `by-hand.${nth}`);
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      const lock = takeLockFile(join(path, `${fileName(id)}.lock`));
      if (lock.ok) return { path, [Symbol.dispose]: lock.release };
    } catch {
      // No lock can be written here, and no log either: whoever writes it tells why.
      return { path, [Symbol.dispose]: () => undefined };
    }
  }
  return { path: join(logs, `by-hand.${process.pid}`), [Symbol.dispose]: () => undefined };
}
