// tcs help E_CODE, tcs help errors: what errors mean and what to do, as docs/errors.md has it.
import PAGE from "../../docs/errors.md" with { type: "text" };
import { NotFoundError } from "../common/errors.ts";
import { nearest } from "../common/nearest.ts";
import { wrap } from "./display/width.ts";

const WIDTH = 80;

/** By code, in the order of the page. */
const sections = new Map(
  PAGE.split(/^## (?=E_)/m)
    .slice(1)
    .map((part): [string, string] => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n"))]),
);

export const ERROR_CODES: readonly string[] = [...sections.keys()];

/** @param word a code, in capitals or not. @throws NotFoundError with the nearest */
export function explainError(word: string): string {
  const code = word.toUpperCase();
  const section = sections.get(code);
  if (section === undefined) {
    const near = nearest(code, ERROR_CODES);
    throw new NotFoundError(`no error has the code ${code}`, {
      hint: near ? `did you mean "tcs help ${near}"?` : '"tcs help errors" lists them all',
    });
  }
  const plain = section.replaceAll(/^```.*$\n|\*\*|`/gm, "").trim();
  const lines = plain.split("\n").flatMap((line) => wrap(line, WIDTH));
  return `${[code, "", ...lines].join("\n")}\n`;
}

/** A line for each: its code, and what it means. */
export function listErrors(): string {
  const rows = [...PAGE.matchAll(/^\| \[`(E_\w+)`\]\(#\w+\) \| \d+ \| (.*) \|$/gm)];
  const width = Math.max(...rows.map(([, code = ""]) => code.length));
  const lines = rows.map(([, code = "", meaning = ""]) => `${code.padEnd(width)}  ${meaning.replaceAll("`", "")}`);
  return `${lines.join("\n")}\n\n"tcs help E_CODE" tells cause and remedy.\n`;
}
