// Where tcs keeps what must outlive a process: the user's state folder.
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describeError, StateFolderError } from "./errors.ts";

/**
 * The state folder: `$TCS_STATE_DIR`, else `$XDG_STATE_HOME/tcs`, else `~/.local/state/tcs`.
 * (XDG Base Directory Specification 0.8.) Nothing is created.
 */
export function stateFolder(env: Record<string, string | undefined> = process.env): string {
  if (env.TCS_STATE_DIR) return env.TCS_STATE_DIR;
  if (env.XDG_STATE_HOME) return join(env.XDG_STATE_HOME, "tcs");
  return join(env.HOME ?? homedir(), ".local", "state", "tcs");
}

/** A folder inside the state folder, created (mode 0700) if missing. @throws StateFolderError */
export function ensureStateFolder(...parts: string[]): string {
  const path = join(stateFolder(), ...parts);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new StateFolderError(`cannot create the state folder ${path}: ${describeError(cause)}`, {
      cause,
      hint: "set TCS_STATE_DIR to a folder you can write to",
    });
  }
  return path;
}
