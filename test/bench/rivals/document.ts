// The place of the results in the documents.
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../../..");
export const PAGE = join(ROOT, "docs/performance.md");
export const PICTURE = join(ROOT, "docs/images/rivals.svg");

const BEGIN = "<!-- rivals: written by test/bench/rivals.ts -->\n";
const END = "<!-- rivals: end -->\n";

/** What stands between the marks. @throws Error when the page has none */
export function sectionOf(page: string): string {
  const { from, to } = marksOf(page);
  return page.slice(from, to);
}

/** The page with another text between its marks. @throws Error when it has none */
export function withSection(page: string, section: string): string {
  const { from, to } = marksOf(page);
  return page.slice(0, from) + section + page.slice(to);
}

function marksOf(page: string): { from: number; to: number } {
  const begin = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (begin < 0 || to < begin) throw new Error(`expected the lines ${BEGIN.trim()} and ${END.trim()} in the page`);
  return { from: begin + BEGIN.length, to };
}
