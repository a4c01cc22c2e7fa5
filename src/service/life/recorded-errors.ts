// Which errors have been recorded: the same one, or one that was made of it, is not counted again.

/** How far a chain of causes is followed: it may be a circle. */
const LONGEST_CHAIN = 16;

export class RecordedErrors {
  readonly #seen = new WeakSet<object>();

  /** @returns false if `error`, or one that it was caused by, was recorded before */
  add(error: unknown): boolean {
    const chain = causesOf(error);
    const isNew = !chain.some((link) => this.#seen.has(link));
    for (const link of chain) this.#seen.add(link);
    return isNew;
  }
}

/** `error` and what it was caused by, as far as these are objects: what is none has no identity. */
function causesOf(error: unknown): object[] {
  const chain: object[] = [];
  let link = error;
  while (typeof link === "object" && link !== null && chain.length < LONGEST_CHAIN) {
    chain.push(link);
    link = link instanceof Error ? link.cause : undefined;
  }
  return chain;
}
