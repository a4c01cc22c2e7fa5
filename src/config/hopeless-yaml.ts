// Texts that the YAML parser would take gigabytes for before it gives up: known by their lexemes, before it begins.

/** Levels of nesting; far beyond any configuration, far below the stack. */
export const DEPTH_LIMIT = 100;
/** Characters; of a shorter text there is nothing to fear. */
const SHORTEST_TEXT = 5_000;
/** What the lexer puts before a document and a scalar, and at the end of a flow collection: not in the text. */
const MARKS: readonly string[] = ["\u0002", "\u001f", "\u0018"];

/** Where, and why, `text` is not to be parsed; undefined if it may be. */
export function findHopeless(
  yaml: typeof import("yaml"),
  text: string,
): { offset: number; what: "depth" | "document" } | undefined {
  if (text.length < SHORTEST_TEXT) return undefined;
  let offset = 0;
  let brackets = 0;
  // Lists of lists on one line; what is nested line by line needs more text than is read.
  let dashes = 0;
  let documents = 0;
  for (const lexeme of new yaml.Lexer().lex(text)) {
    if (lexeme === "[" || lexeme === "{") brackets++;
    else if (lexeme === "]" || lexeme === "}") brackets--;
    else if (lexeme === "-" || lexeme === "?") dashes++;
    else if (lexeme === "---") documents++;
    else if (lexeme.endsWith("\n")) dashes = 0;
    if (brackets > DEPTH_LIMIT || dashes > DEPTH_LIMIT) return { offset, what: "depth" };
    if (documents > 1) return { offset, what: "document" };
    offset += MARKS.includes(lexeme) ? 0 : lexeme.length;
  }
  return undefined;
}
