// What goes wrong with an installation.
import { describeError, TcsError } from "../common/errors.ts";

/**
 * Files could not be put in place, or taken away; what was installed before still works.
 * @cause Files could not be put in place, or something there is not of tcs; what was installed before still works.
 * @remedy Do what the second line says: another --prefix, --user, or --yes for files of others.
 * @example nothing is installed in /home/ann/.local
 */
export class InstallError extends TcsError {
  override readonly code: string = "E_INSTALL";
}

const HINTS: Record<string, string> = {
  EACCES: "choose another folder with --prefix or --user, or run it as root",
  EPERM: "choose another folder with --prefix or --user, or run it as root",
  EROFS: "that file system is read-only: choose another folder with --prefix",
  ENOSPC: "the disk is full: make room, and run it again; what was installed before still works",
  EDQUOT: "the disk quota is used up: make room, and run it again; what was installed before still works",
};

/** Does something to files. @throws InstallError that says what, and what can be done about it */
export function onDisk<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof TcsError) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const hint = HINTS[code];
    throw new InstallError(`cannot ${what}: ${describeError(cause)}`, { cause, ...(hint ? { hint } : {}) });
  }
}
