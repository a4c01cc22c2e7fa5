// Rows of words in columns.
import type { RenderOptions } from "./view.ts";
import { padEnd, truncate, widthOf } from "./width.ts";

const GAP = "  ";

/**
 * A line for each row, cut to the width.
 * @param rows the headings first; of harmless text, each with as many cells
 */
export function inColumns(
  rows: readonly (readonly string[])[],
  { width, unicode }: Pick<RenderOptions, "width" | "unicode">,
): string[] {
  const [headings = []] = rows;
  const widths = headings.map((_, at) => rows.reduce((widest, row) => Math.max(widest, widthOf(row[at] ?? "")), 0));
  return rows.map((row) => {
    const cells = row.map((cell, at) => padEnd(cell, widths[at] ?? 0));
    return truncate(cells.join(GAP).trimEnd(), width, unicode);
  });
}
