// Many calls at about the same time, one effect.

/** @returns a function that calls `effect` once, `delayMs` after the first of however many calls */
export function soon(delayMs: number, effect: () => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      effect();
    }, delayMs);
  };
}
