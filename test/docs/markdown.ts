// Reads the documents: their fenced blocks, with what an HTML comment before a block says for the tests.
//
//   <!-- test: file dome.ts -->      the block is written to that file
//   <!-- test: same dome.ts -->      that file, made by a command or one of ours, has this text in it
//   <!-- test: background -->        the command goes on running until the next such block, or the end of the document
//   <!-- test: exit 5 -->            the last command ends with this code (0 if nothing is said)
//   <!-- test: skip WHY -->          the block is not run
//
// A comment may hold a block that readers need not see, to be run as a terminal's would be:
//
//   <!-- test: hidden
//   $ kill -9 1234
//   -->
import { join } from "node:path";

export const ROOT = join(import.meta.dir, "../..");

export type Directive =
  | { kind: "none" }
  | { kind: "file" | "same"; name: string }
  | { kind: "background" }
  | { kind: "exit"; code: number }
  | { kind: "skip" };

export interface Block {
  /** As `ts`, `sh`, `console`, `yaml`. */
  language: string;
  text: string;
  /** Line of the opening fence, from 1. */
  line: number;
  directive: Directive;
}

export interface MarkdownDocument {
  /** Path from the root of the repository. */
  path: string;
  text: string;
  blocks: Block[];
}

const HIDDEN = /^<!-- test: hidden( background)?\n(.*?)^-->$/gms;
const FENCED = /^(?:<!-- test: ([^\n]*) -->\n+)?```(\w*)\n(.*?)^```$/gms;

export async function readDocument(path: string): Promise<MarkdownDocument> {
  const text = await Bun.file(join(ROOT, path)).text();
  const shown = [...text.matchAll(FENCED)].map(
    ({ 0: whole, 1: words, 2: language = "", 3: body = "", index }): Block => ({
      language,
      text: body,
      line: lineAt(text, index + whole.indexOf("```")),
      directive: parseDirective(words, `${path}:${lineAt(text, index)}`),
    }),
  );
  const hidden = [...text.matchAll(HIDDEN)].map(
    ({ 1: background, 2: body = "", index }): Block => ({
      language: "console",
      text: body,
      line: lineAt(text, index),
      directive: { kind: background === undefined ? "none" : "background" },
    }),
  );
  return { path, text, blocks: [...shown, ...hidden].sort((a, b) => a.line - b.line) };
}

function parseDirective(words: string | undefined, where: string): Directive {
  if (words === undefined) return { kind: "none" };
  const [verb, value = ""] = words.split(/ (.*)/);
  if (verb === "background") return { kind: "background" };
  if (verb === "skip" && value !== "") return { kind: "skip" };
  if ((verb === "file" || verb === "same") && value !== "") return { kind: verb, name: value };
  if (verb === "exit" && /^\d+$/.test(value)) return { kind: "exit", code: Number(value) };
  throw new Error(`${where}: unknown directive "${words}"`);
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
