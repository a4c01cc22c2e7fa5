// Which ids the words of a command line mean.
import { isNamed, matches } from "../client/select.ts";

/** Whether `id` is meant by `word`: the id itself, its type or variant, a pattern with `*` and `?`, or `tcs` for launchers. */
export function isMeant(id: string, word: string): boolean {
  if (word === "tcs") return id.startsWith("launcher.");
  if (/[*?]/.test(word)) return matches(word, id);
  return isNamed(id, word);
}

/** Whether `id` is meant by any of `words`; no words mean everything. */
export function isSelected(id: string, words: readonly string[]): boolean {
  return words.length === 0 || words.some((word) => isMeant(id, word));
}
