// How to start this program again.

import { installedLink } from "../common/installed.ts";

/** The hidden command that makes this program a host. */
export const CHILD_COMMAND = "__host";

/** The command of this very program: the compiled executable, or Bun with the source entry. */
export function selfCommand(): [string, ...string[]] {
  const compiled = Bun.main.startsWith("/$bunfs/") || Bun.main.startsWith("B:/~BUN/");
  return compiled ? [process.execPath] : [process.execPath, Bun.main];
}

/** The same for what is started later, perhaps by another version: by the link of an installation, if it was installed. */
export function lastingCommand(): [string, ...string[]] {
  const [program, ...rest] = selfCommand();
  return [installedLink(program) ?? program, ...rest];
}
