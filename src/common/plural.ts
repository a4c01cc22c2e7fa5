// Numbers of things, and lists of them, in words.

/** `1 service`, `3 services`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${plural(noun, count)}`;
}

/** `service` for one, `services` for any other number. */
export function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`;
}

/** Names that are told of a long list. */
const MOST_LISTED = 5;

/** `a`, `a and b`, `a, b, c, d and 7 more`. */
export function listed(names: readonly string[]): string {
  const more = names.length - MOST_LISTED + 1;
  const told = more > 1 ? [...names.slice(0, MOST_LISTED - 1), `${more} more`] : names;
  const last = told.at(-1) ?? "";
  return told.length < 2 ? last : `${told.slice(0, -1).join(", ")} and ${last}`;
}
