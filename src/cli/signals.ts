// The signals that end a command.

/** Resolves at the first SIGINT, SIGTERM or SIGHUP; a second one, of any kind, calls `onSecond`. */
export function onFirstSignal(onSecond?: (signal: NodeJS.Signals) => void): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first = true;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (!first) onSecond?.(signal);
        first = false;
        resolve(signal);
      });
    }
  });
}
