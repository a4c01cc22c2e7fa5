// What ends a command from outside: signals, and the end of whoever reads what it says.
import { closeSync, openSync } from "node:fs";

/**
 * Signals this close together are one: a Ctrl-C reaches a program both from the terminal and from a parent that
 * passes it on (npm does).
 */
const SAME_PRESS_MS = 300;

/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP, or with SIGPIPE when nobody reads the output any more (then
 * further output is lost, and no second "signal"); a second signal, of any kind, calls `onSecond`.
 * @param onReload called at a SIGHUP that is not the end of the terminal: then it is a request, and ends nothing
 */
export function onFirstSignal(
  onSecond?: (signal: NodeJS.Signals) => void,
  onReload?: () => void,
): Promise<NodeJS.Signals> {
  const hadTerminal = onReload !== undefined && hasTerminal();
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const hear = (signal: NodeJS.Signals) => {
      firstAt ??= performance.now();
      resolve(signal);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (signal === "SIGHUP" && onReload && !(hadTerminal && !hasTerminal())) {
          onReload();
          return;
        }
        if (firstAt !== undefined && performance.now() - firstAt > SAME_PRESS_MS) onSecond?.(signal);
        hear(signal);
      });
    }
    // In `tcs run | tee log` a Ctrl-C ends tee first: the stop must be as orderly without a reader.
    whenReaderGone(() => hear("SIGPIPE"));
  });
}

/** Whether this process has a controlling terminal: it is taken away, before SIGHUP is sent, when the terminal ends. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    // tty(4): ENXIO when there is none.
    return false;
  }
}

let onReaderGone = (): void => process.exit(0);

/**
 * Until told otherwise, a reader that has gone (`tcs status | head`) ends the command: nobody is left to tell. Data that
 * cannot be written (a full disk) is a failure; talk that cannot be written ends nothing.
 */
export function watchReaders(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return onReaderGone();
    process.stderr.write(`tcs: cannot write to standard output: ${error.message}\n`);
    process.exit(1);
  });
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") onReaderGone();
  });
}

function whenReaderGone(then: () => void): void {
  onReaderGone = then;
}
