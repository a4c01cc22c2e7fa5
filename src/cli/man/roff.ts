// Text in the language of manual pages (man(7)), such that no reader takes a word of it for a request.

const LINE_LENGTH = 78;

/** Text as it is, in running text. */
export function escapeRoff(text: string): string {
  const escaped = text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    // A line must not end in blanks, or hold an empty one.
    .replaceAll(/\s*\n\s*/g, "\n")
    .trim();
  return escaped.replaceAll(/^\./gm, "\\&.");
}

/** Text as it is, in lines that fit a terminal, as the readers of page sources want them. */
export function paragraph(text: string): string {
  const lines = [""];
  for (const word of escapeRoff(text).split(/\s+/)) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + word.length + 1 > LINE_LENGTH) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join("\n").replaceAll(/^\./gm, "\\&.");
}

export function bold(text: string): string {
  return `\\fB${escapeRoff(text)}\\fR`;
}

export function italic(text: string): string {
  return `\\fI${escapeRoff(text)}\\fR`;
}

/** An argument of a request. */
export function quoted(text: string): string {
  return `"${escapeRoff(text).replaceAll('"', "\\(dq")}"`;
}

/** A paragraph that hangs from a word. */
export function tagged(tag: string, text: string): string[] {
  return [".TP", tag, paragraph(text)];
}
