// Text that fits: widths as a terminal counts them, truncation, and what may not reach a terminal.
// biome-ignore-all lint/suspicious/noControlCharactersInRegex: control characters are what is looked for here
import { INVISIBLE } from "../../common/invisible.ts";

/** Columns to fill: COLUMNS if set, else the terminal's own; unlimited when the output is no terminal. */
export function terminalWidth(
  env: Record<string, string | undefined>,
  terminal: { isTTY?: boolean; columns?: number },
): number {
  const asked = Number(env.COLUMNS);
  if (Number.isInteger(asked) && asked > 0) return asked;
  return terminal.isTTY && terminal.columns ? terminal.columns : Number.POSITIVE_INFINITY;
}

/** True when the locale can show more than ASCII. No locale at all is taken as UTF-8, "C" and "POSIX" are not. */
export function wantsUnicode(env: Record<string, string | undefined>): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG;
  return !locale || /utf-?8/i.test(locale);
}

// Escape sequences whole (CSI; OSC and other strings up to their end; two-character ones), so that none of their text stays behind.
const ESCAPES =
  /[\u001b]\[[0-?]*[ -/]*[@-~]|\u009b[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
const ONLY_PLAIN = /^[ -~]*$/;

/**
 * Text from the wire as one harmless line: no escape sequence, no control character, no line break. Without `unicode`
 * nothing but ASCII either: the bytes of UTF-8 text are control characters to a terminal that does not speak it.
 */
export function clean(text: string, unicode = true): string {
  if (ONLY_PLAIN.test(text)) return text;
  const harmless = text
    .toWellFormed()
    .replace(ESCAPES, "")
    .replace(/ *[\t\n\v\f\r\u0085\u2028\u2029]\s*/g, " ")
    .replace(INVISIBLE, "?")
    .trim();
  return unicode ? harmless : harmless.replace(/[^ -~]/gu, "?");
}

/** Columns that plain text takes. */
export function widthOf(text: string): number {
  return ONLY_PLAIN.test(text) ? text.length : Bun.stringWidth(text);
}

/** `text` in at most `width` columns; what is cut off at the end is marked by `…` (`~` in ASCII). */
export function truncate(text: string, width: number, unicode = true): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return "";
  return head(text, width - 1) + mark(unicode);
}

/** As `truncate`, but the middle is cut out: for names, whose ends tell most. */
export function truncateMiddle(text: string, width: number, unicode = true): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return "";
  const left = Math.floor((width - 1) / 2);
  return head(text, left) + mark(unicode) + tail(text, width - 1 - left);
}

/** `text` in lines of at most `width` columns, broken between words where that can be. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (widthOf(rest) > width) {
    // At least one character a line, or there would be no end.
    const most = head(rest, width) || (graphemes(rest).next().value ?? "");
    const space = rest[most.length] === " " ? most.length : most.lastIndexOf(" ");
    const end = space > 0 ? space : most.length;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return rest === "" && lines.length > 0 ? lines : [...lines, rest];
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

function mark(unicode: boolean): string {
  return unicode ? "…" : "~";
}

function head(text: string, width: number): string {
  return fill(graphemes(text), width).join("");
}

function tail(text: string, width: number): string {
  return fill([...graphemes(text)].reverse(), width)
    .reverse()
    .join("");
}

function fill(parts: Iterable<string>, width: number): string[] {
  const kept: string[] = [];
  let used = 0;
  for (const part of parts) {
    used += widthOf(part);
    if (used > width) break;
    kept.push(part);
  }
  return kept;
}

let segmenter: Intl.Segmenter | undefined;

function* graphemes(text: string): Generator<string> {
  if (ONLY_PLAIN.test(text)) {
    yield* text;
    return;
  }
  segmenter ??= new Intl.Segmenter();
  for (const { segment } of segmenter.segment(text)) yield segment;
}
