// Waiting with a limit that keeps nobody up.

/** Resolves with `work`, or when `limitMs` have passed. @returns whether it was in time @throws what `work` rejects with then */
export async function atMost(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  const { promise: tooLate, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), limitMs);
  try {
    return await Promise.race([work.then(() => true), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
