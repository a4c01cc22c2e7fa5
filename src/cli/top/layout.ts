// How the lines of the screen are shared out.
import type { TopState } from "./state.ts";

export interface Heights {
  /** The fleet in one or two lines. */
  head: number;
  /** The headings of the columns, or the title of a pane. */
  title: number;
  body: number;
  /** Keys, questions, notices. */
  foot: number;
}

/** On a small screen the rows of the list count most. */
export function heightsOf({ size: { rows } }: Pick<TopState, "size">): Heights {
  const head = rows >= 10 ? 2 : rows >= 4 ? 1 : 0;
  const title = rows >= 7 ? 1 : 0;
  const foot = rows >= 3 ? 1 : 0;
  return { head, title, foot, body: Math.max(0, rows - head - title - foot) };
}
