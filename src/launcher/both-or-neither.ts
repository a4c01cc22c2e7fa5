// Two things done side by side, of which one is worth nothing without the other.

/** The results of both; if one fails, the other is waited for before the error goes on. */
export async function bothOrNeither<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}
