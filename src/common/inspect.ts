// Any value as text for a log: one line where it fits.

/** Longest text that stands on one line, characters. */
const ONE_LINE = 120;

/** Text as it is, an object on one line if it fits, else over several. */
export function inspectValue(value: unknown): string {
  if (typeof value === "string") return value;
  const compact = Bun.inspect(value, { depth: 4, compact: true });
  return compact.length <= ONE_LINE && !compact.includes("\n") ? compact : Bun.inspect(value, { depth: 4 });
}
