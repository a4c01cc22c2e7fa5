// When nobody listened: silence at such times says nothing about who was silent.

export interface Gap {
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
}

/** Only the latest gaps are remembered: what was silent before them is silent for other reasons. */
const MOST_GAPS = 16;

export function addGap(gaps: readonly Gap[], gap: Gap): Gap[] {
  return gap.to > gap.from ? [...gaps, gap].slice(-MOST_GAPS) : [...gaps];
}

/** How much of the time since `time` nobody listened, milliseconds. */
export function deafSince(gaps: readonly Gap[], time: number): number {
  return gaps.reduce((sum, { from, to }) => sum + Math.max(0, to - Math.max(from, time)), 0);
}
