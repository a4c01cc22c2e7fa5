// Which services an operator means: ids, shorter names that mean one, and patterns with `*` and `?`.
import { splitServiceId } from "../common/names.ts";
import { nearest } from "../common/nearest.ts";

/** What a word of a command line means. */
export type Meaning =
  | { kind: "one"; id: string }
  /** It would have to be longer. In order of id. */
  | { kind: "several"; ids: string[] }
  /** `nearest`: a name that it may be a typing error of. */
  | { kind: "nothing"; nearest: string | undefined };

export interface Selection {
  /** In order of id, each once. */
  ids: string[];
  /** Words that do not mean what they should. */
  unclear: { word: string; meaning: Exclude<Meaning, { kind: "one" }> }[];
}

/** Whether `word` names the service: its id, its type or its variant. */
export function isNamed(id: string, word: string): boolean {
  const { type, variant } = splitServiceId(id);
  return word === id || word === type || word === variant;
}

/**
 * A service by as much of its name as tells it from the others: its id, else its type, else its variant.
 * @param known what may be meant
 * @param current what is likely to be: one of these goes before what is long gone
 */
export function meaningOf(word: string, known: ReadonlySet<string>, current: ReadonlySet<string> = known): Meaning {
  if (known.has(word)) return { kind: "one", id: word };
  for (const ids of [current, known]) {
    for (const part of ["type", "variant"] as const) {
      const found = [...ids].filter((id) => splitServiceId(id)[part] === word);
      const [only] = found;
      if (only !== undefined && found.length === 1) return { kind: "one", id: only };
      if (found.length > 1) return { kind: "several", ids: found.sort() };
    }
  }
  const types = [...known].map((id) => splitServiceId(id).type);
  return { kind: "nothing", nearest: nearest(word, [...known, ...types]) };
}

/**
 * @param known what a name may mean
 * @param matched what a pattern may match: not what is long gone
 */
export function selectServices(
  words: readonly string[],
  known: ReadonlySet<string>,
  matched: ReadonlySet<string> = known,
): Selection {
  const ids = new Set<string>();
  const unclear: Selection["unclear"] = [];
  for (const word of words) {
    if (/[*?]/.test(word)) {
      const found = [...matched].filter((id) => matches(word, id));
      for (const id of found) ids.add(id);
      if (found.length === 0) unclear.push({ word, meaning: { kind: "nothing", nearest: undefined } });
      continue;
    }
    const meaning = meaningOf(word, known, matched);
    if (meaning.kind === "one") ids.add(meaning.id);
    else unclear.push({ word, meaning });
  }
  return { ids: [...ids].sort(), unclear };
}

/** `*` stands for any characters, dots included; `?` for one. */
export function matches(pattern: string, id: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll(/\*+/g, ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "u").test(id);
}
