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

/** As `atMost`, for work whose failure is an end like any other. @returns whether it has settled in time */
export async function settlesIn(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  return await atMost(limitMs, Promise.allSettled([work]));
}
