// Waiting with a limit that keeps nobody up.

/** Resolves with `work`, or when `limitMs` have passed. @throws what `work` rejects with in time */
export async function atMost(limitMs: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
