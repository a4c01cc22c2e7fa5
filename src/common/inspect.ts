// Any value as text for a log: one line where it fits.
import { inspect } from "node:util";

/** Longest text that stands on one line, characters. */
const ONE_LINE = 120;
/** Longest text of a value within a sentence, characters. */
const BRIEF = 120;

/** Text as it is, an object on one line if it fits, else over several. */
export function inspectValue(value: unknown): string {
  if (typeof value === "string") return value;
  const compact = show(value, { depth: 4, compact: true });
  return compact.length <= ONE_LINE && !compact.includes("\n") ? compact : show(value, { depth: 4 });
}

/** A value within a sentence: short, on one line, texts in quotes. Never throws. */
export function inspectBriefly(value: unknown): string {
  try {
    const text = show(value, { depth: 1, compact: true }).replaceAll(/\s+/g, " ");
    return text.length <= BRIEF ? text : `${text.slice(0, BRIEF - 1)}…`;
  } catch {
    // It objects to being looked at (a getter or a proxy that throws): its kind is all that can be told.
    return `a value of type ${typeof value}`;
  }
}

/** The monitoring library runs in Node too, which has no `Bun`. */
function show(value: unknown, options: { depth: number; compact?: boolean }): string {
  return typeof Bun === "undefined" ? inspect(value, options) : Bun.inspect(value, options);
}
