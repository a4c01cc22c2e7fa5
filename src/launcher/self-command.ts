// How to start this program again.

/** The hidden command that makes this program a host. */
export const CHILD_COMMAND = "__host";

/** The command of this very program: the compiled executable, or Bun with the source entry. */
export function selfCommand(): [string, ...string[]] {
  const compiled = Bun.main.startsWith("/$bunfs/") || Bun.main.startsWith("B:/~BUN/");
  return compiled ? [process.execPath] : [process.execPath, Bun.main];
}
