// Durations in words, as an operator says them.

/** `3 s`, `4 m 10 s`, `2 h 5 m`, `2 d 3 h`: at most two units, rounded down; negative counts as 0. */
export function formatDuration(seconds: number): string {
  const total = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  if (total < 60) return `${total} s`;
  if (total < 3_600) return pair(Math.floor(total / 60), "m", total % 60, "s");
  if (total < 86_400) return pair(Math.floor(total / 3_600), "h", Math.floor((total % 3_600) / 60), "m");
  return pair(Math.floor(total / 86_400), "d", Math.floor((total % 86_400) / 3_600), "h");
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
