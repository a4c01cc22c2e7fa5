// "Did you mean": the known word closest to a mistyped one.

/** Edits from one to the other: insert, delete, substitute, or swap two neighbours (the commonest slip); each costs 1. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(substitute, swap, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** A word shorter than this says too little of how it goes on. */
const SHORTEST_BEGINNING = 2;

/** Those of `known` that `word` is the beginning of, in any case, in their order. */
export function startingWith(word: string, known: Iterable<string>): string[] {
  if (word.length < SHORTEST_BEGINNING) return [];
  return [...known].filter((candidate) => candidate.toLowerCase().startsWith(word.toLowerCase()));
}

/**
 * The one of `known` that `word` is the beginning of, or near enough to for a typing error; undefined if none is. Of
 * several the nearest.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const candidates = [...known];
  const begun = startingWith(word, candidates);
  // All letters wrong is no typing error.
  const limit =
    begun.length > 0 ? Number.POSITIVE_INFINITY : Math.min(word.length, Math.max(2, Math.floor(word.length / 3)) + 1);
  let best: string | undefined;
  let bestDistance = limit;
  for (const candidate of begun.length > 0 ? begun : candidates) {
    // Each letter more or less is an edit.
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
