// Styled text that fits: a line is a row of spans, cut to its width before it is painted.
import { paintFor, type Style } from "./colors.ts";
import { truncate, widthOf } from "./width.ts";

/** A stretch of harmless text in one style. */
export interface Span {
  text: string;
  style?: Style;
}

export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((width, { text }) => width + widthOf(text), 0);
}

/** The spans in at most `options.width` columns, painted. */
export function drawSpans(
  spans: readonly Span[],
  options: { width: number; color: boolean; unicode: boolean },
): string {
  const paint = paintFor(options.color);
  let room = options.width;
  let drawn = "";
  for (const { text, style } of spans) {
    const shown = truncate(text, room, options.unicode);
    room -= widthOf(shown);
    drawn += style ? paint(style, shown) : shown;
    if (shown !== text) break;
  }
  return drawn.trimEnd();
}
