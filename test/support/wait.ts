// Waiting for conditions, never for time: generous limits, an error that says what was awaited.

/** How long a test waits for anything before it fails, milliseconds. Generous: CI has two busy cores. */
export const LIMIT_MS = 30_000;

/**
 * Polls `probe` until it returns something truthy, and returns that.
 * @throws Error naming `what` after `limitMs`
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  limitMs = LIMIT_MS,
): Promise<NonNullable<Exclude<T, false | 0 | "">>> {
  const deadline = performance.now() + limitMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value as NonNullable<Exclude<T, false | 0 | "">>;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${limitMs} ms in vain for ${what}`, { cause: lastError });
    }
    await Bun.sleep(10);
  }
}

/** Rejects if `promise` has not settled within `limitMs`. */
export async function within<T>(what: string, promise: Promise<T>, limitMs = LIMIT_MS): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
