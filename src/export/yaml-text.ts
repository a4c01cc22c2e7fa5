// YAML for others to read, whichever version of it they know: what could be taken for anything else is quoted.
import { Document, isScalar, parse, stringify, visit } from "yaml";

/** @param value plain data */
export function yamlText(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (isScalar(node) && typeof node.value === "string" && !isPlain(node.value)) node.type = quoteFor(node.value);
    },
  });
  // Lines are not broken: a folded command is hard to compare.
  return stringify(document, { lineWidth: 0 });
}

/** Plain text in YAML 1.1 and in 1.2. */
function isPlain(text: string): boolean {
  if (!/^[A-Za-z/_][\w./:@-]*$/.test(text)) return false;
  return (["1.1", "1.2"] as const).every((version) => parse(text, { version }) === text);
}

function quoteFor(text: string): "BLOCK_LITERAL" | "QUOTE_DOUBLE" {
  const isText = /^[\t\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/.test(text);
  return text.includes("\n") && isText ? "BLOCK_LITERAL" : "QUOTE_DOUBLE";
}
