// Questions in a terminal that can be left. The prompts by themselves would hang at Ctrl-D, and end the process at
// Ctrl-C with a hidden cursor and without a word.
import { TcsError } from "../common/errors.ts";

/**
 * The user left a question by Ctrl-C or Ctrl-D.
 * @cause A question was left by Ctrl-C or Ctrl-D.
 * @remedy Nothing was written: give the command again, with --yes to be asked nothing.
 * @example interrupted: nothing was written
 */
export class InterruptedError extends TcsError {
  override readonly code = "E_INTERRUPTED";
  /** The shell's code for SIGINT. */
  override readonly exitCode = 130;
}

const SHOW_CURSOR = "\u001b[?25h";

/** The answers, unless the user leaves before. @throws InterruptedError */
export async function interruptible<T>(ask: () => Promise<T>): Promise<T> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const leave = () => reject(new InterruptedError("interrupted: nothing was written"));
  const leaveAtEnd = (_text: string, key?: { ctrl: boolean; name?: string }) => {
    if (!key?.ctrl || key.name !== "d") return;
    process.stdout.write("\n");
    leave();
  };
  const others = new Set(process.listeners("exit"));
  process.once("SIGINT", leave);
  process.stdin.on("keypress", leaveAtEnd);
  try {
    return await Promise.race([ask(), interrupted]);
  } catch (error) {
    // The prompts would close themselves once more when the process exits, and fail at it.
    for (const listener of process.listeners("exit")) if (!others.has(listener)) process.off("exit", listener);
    process.stdin.pause();
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
    process.stdout.write(SHOW_CURSOR);
    throw error;
  } finally {
    process.off("SIGINT", leave);
    process.stdin.off("keypress", leaveAtEnd);
  }
}
