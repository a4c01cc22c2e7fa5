// Which errors have been recorded: the same one, or one that was made of it, is not counted again.

/** How far a chain of causes is followed: it may be a circle. */
const LONGEST_CHAIN = 16;

/** `known`: recorded before. `derived`: not itself, but one that it was caused by. */
export type Recorded = "new" | "derived" | "known";

export class RecordedErrors {
  readonly #seen = new WeakSet<object>();

  add(error: unknown): Recorded {
    const [own, ...causes] = causesOf(error);
    const isKnown = own !== undefined && this.#seen.has(own);
    const isDerived = causes.some((cause) => this.#seen.has(cause));
    for (const link of own ? [own, ...causes] : []) this.#seen.add(link);
    if (isKnown) return "known";
    return isDerived ? "derived" : "new";
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
