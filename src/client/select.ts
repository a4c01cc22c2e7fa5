// Which services an operator means: ids, and patterns with `*` and `?`.
import { nearest } from "../common/nearest.ts";

export interface Selection {
  /** In order of id, each once. */
  ids: string[];
  /** Words that mean nothing that is known, each with the nearest id. */
  unknown: { word: string; nearest?: string }[];
}

/**
 * @param known what an exact id may name
 * @param matched what a pattern may match: not what is long gone
 */
export function selectServices(
  words: readonly string[],
  known: ReadonlySet<string>,
  matched: ReadonlySet<string> = known,
): Selection {
  const ids = new Set<string>();
  const unknown: Selection["unknown"] = [];
  for (const word of words) {
    if (known.has(word)) {
      ids.add(word);
      continue;
    }
    const isPattern = /[*?]/.test(word);
    const found = isPattern ? [...matched].filter((id) => matches(word, id)) : [];
    for (const id of found) ids.add(id);
    if (found.length > 0) continue;
    const near = isPattern ? undefined : nearest(word, known);
    unknown.push(near === undefined ? { word } : { word, nearest: near });
  }
  return { ids: [...ids].sort(), unknown };
}

/** `*` stands for any characters, dots included; `?` for one. */
export function matches(pattern: string, id: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll(/\*+/g, ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "u").test(id);
}
