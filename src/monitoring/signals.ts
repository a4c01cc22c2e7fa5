// The end of a program by a signal: its monitors say their last word, then the signal does what it would have done.

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const closers = new Set<() => Promise<void>>();

/**
 * Has `close` called when a signal ends the program. A program that handles the signal itself ends in its own way: then
 * nothing is done here. @returns ends it
 */
export function closeAtSignals(close: () => Promise<void>): () => void {
  if (closers.size === 0) for (const signal of SIGNALS) process.on(signal, onSignal);
  closers.add(close);
  return () => {
    closers.delete(close);
    if (closers.size === 0) for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}

function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  void Promise.allSettled([...closers].map((close) => close())).then(() => {
    for (const name of SIGNALS) process.off(name, onSignal);
    process.kill(process.pid, signal);
  });
}
