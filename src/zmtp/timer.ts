// Timers that may be set to any time: JavaScript's fire at once if theirs is too long.

/** About 24 days: the longest time a timer can have. */
const LONGEST_MS = 2 ** 31 - 1;

/** Runs `run` after `delayMs`; never, if that is longer than a timer can be. @returns a function that forgets it */
export function after(delayMs: number, run: () => void): () => void {
  if (delayMs > LONGEST_MS) return () => undefined;
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}
