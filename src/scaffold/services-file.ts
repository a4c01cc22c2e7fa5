// Adds one row to a services.yaml by inserting text, so that everything already there stays byte for byte.
import { parse as parsePath } from "node:path";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, stringify, type YAMLSeq } from "yaml";
import { describeError, ExitCode, TcsError } from "../common/errors.ts";

/**
 * A services.yaml that a row cannot be added to.
 * @cause The configuration file that is to get a new row cannot be read, or not be added to; nothing was written.
 * @remedy Correct the file, or add the row by hand: the line says which.
 * @example /home/ann/sub/services.yaml: "services" is "hello", expected a list
 */
export class ServicesFileError extends TcsError {
  override readonly code = "E_SERVICES_FILE";
  override readonly exitCode = ExitCode.configInvalid;
}

const MEND = "mend the file first; nothing was written";

/** A configuration row: `type` and `variant` first, then whatever the service needs. */
export type NewRow = { type: string; variant: string } & Record<string, string | number>;

/** The file's text with `row` at the end of `services:`; undefined when a row of that type and variant is there. */
export function withRow(text: string, row: NewRow, file: string): string | undefined {
  const before = parse(text, file);
  if (before.rows.some((other) => isSameService(other, row))) return undefined;
  const { at, until = at, insert } = insertion(text, before, row, file);
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const after = text.slice(0, at) + insert.replaceAll("\n", newline) + text.slice(until);
  // Whatever form the file has: either it now means what it did plus this row, or it is left alone.
  const expected = { ...before.value, services: [...before.rows, row] };
  if (!Bun.deepEquals(parse(after, file).value, expected)) throw unsupported(file, row);
  return after;
}

interface Parsed {
  document: ReturnType<typeof parseDocument>;
  value: Record<string, unknown>;
  rows: unknown[];
}

function parse(text: string, file: string): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fault = document.errors[0];
  if (fault) {
    const { line, col } = lines.linePos(fault.pos[0]);
    throw new ServicesFileError(`${file}:${line}:${col}: not valid YAML: ${describeError(fault.message)}`, {
      hint: MEND,
    });
  }
  const value: unknown = toPlain(document, file) ?? {};
  if (!isRecord(value))
    throw new ServicesFileError(`${file}: expected keys as "services:", found ${typeName(value)}`, { hint: MEND });
  const rows = value.services ?? [];
  if (!Array.isArray(rows))
    throw new ServicesFileError(`${file}: "services" is ${typeName(rows)}, expected a list`, { hint: MEND });
  return { document, value, rows };
}

function toPlain(document: Parsed["document"], file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // Unknown anchors, and aliases that would expand without end.
    throw new ServicesFileError(`${file}: not usable YAML: ${describeError(cause)}`, { cause, hint: MEND });
  }
}

interface Insertion {
  at: number;
  /** End of the text that is replaced (an empty `[]` or `~`); by default nothing is. */
  until?: number;
  insert: string;
}

/** Where the row goes, and in which dress: the file's own (block or flow, its indentation). */
function insertion(text: string, { document }: Parsed, row: NewRow, file: string): Insertion {
  const root = document.contents;
  if (isMap(root) && root.flow) {
    const rows = root.get("services", true);
    if (isSeq(rows)) return intoFlowList(rows, row, file);
    throw unsupported(file, row);
  }
  if (!isMap(root) || !root.has("services")) {
    const end = isMap(root) ? lineAfter(text, root.range?.[1] ?? text.length) : { at: text.length, lead: "" };
    const lead = end.lead || (end.at > 0 && text[end.at - 1] !== "\n") ? "\n" : "";
    return { at: end.at, insert: `${lead}${end.at > 0 ? "\n" : ""}services:\n${blockRow(row, 2)}` };
  }
  const rows = root.get("services", true);
  if (isAlias(rows)) throw unsupported(file, row);
  if (isSeq(rows) && rows.items.length > 0) {
    return rows.flow ? intoFlowList(rows, row, file) : intoBlockList(text, rows, row, file);
  }
  if (!isSeq(rows) && !isScalar(rows)) throw unsupported(file, row);
  // `services:`, `services: ~` or `services: []`, perhaps with a comment behind.
  const [from, to] = rangeOf(rows, file, row);
  const { at, lead } = lineAfter(text, to);
  const key = to > from ? text.slice(0, from).trimEnd().length : from;
  return { at: key, until: at, insert: `${text.slice(to, at)}${lead}${blockRow(row, 2)}` };
}

function intoFlowList(rows: YAMLSeq, row: NewRow, file: string): Insertion {
  const last = rows.items.at(-1);
  const flow = stringify(row, { collectionStyle: "flow", lineWidth: 0 }).trim();
  if (last === undefined) return { at: rangeOf(rows, file, row)[0] + 1, insert: flow };
  return { at: rangeOf(last, file, row)[1], insert: `, ${flow}` };
}

function intoBlockList(text: string, rows: YAMLSeq, row: NewRow, file: string): Insertion {
  const start = rangeOf(rows, file, row)[0];
  const column = start - (text.lastIndexOf("\n", start - 1) + 1);
  const [lastStart, lastEnd] = rangeOf(rows.items.at(-1), file, row);
  const { at, lead } = lineAfter(text, lastEnd);
  // The file's own style: a blank line between rows, or none.
  const spaced = rows.items.length > 1 && /\n[ \t]*\r?\n[^\n]*$/.test(text.slice(start, lastStart));
  return {
    at: afterComments(text, at, Math.max(column, 1)),
    insert: `${lead}${spaced ? "\n" : ""}${blockRow(row, column)}`,
  };
}

/** The start of the line after the one `position` ends in; `lead` is the line break that is missing there, if any. */
function lineAfter(text: string, position: number): { at: number; lead: string } {
  if (position > 0 && text[position - 1] === "\n") return { at: position, lead: "" };
  const end = text.indexOf("\n", position);
  return end < 0 ? { at: text.length, lead: "\n" } : { at: end + 1, lead: "" };
}

/** Skips comment lines that belong to the list above: those indented by at least `column`. */
function afterComments(text: string, from: number, column: number): number {
  let at = from;
  for (let line = from; line < text.length; ) {
    const next = text.indexOf("\n", line) + 1 || text.length;
    const content = text.slice(line, next);
    const indent = content.search(/\S/);
    if (indent >= 0) {
      if (content[indent] !== "#" || indent < column || !content.endsWith("\n")) break;
      at = next;
    }
    line = next;
  }
  return at;
}

function blockRow(row: NewRow, column: number): string {
  const lines = stringify(row, { lineWidth: 0 }).trimEnd().split("\n");
  const indent = " ".repeat(column);
  return lines.map((line, i) => `${indent}${i === 0 ? "- " : "  "}${line}\n`).join("");
}

/** Start and end of a node's own text. */
function rangeOf(node: unknown, file: string, row: NewRow): [number, number] {
  if (typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range)) {
    const [from, to]: unknown[] = node.range;
    if (typeof from === "number" && typeof to === "number") return [from, to];
  }
  throw unsupported(file, row);
}

/** Whether a row of the file is the service of `row`, in any of the forms that a row may have. */
function isSameService(other: unknown, row: NewRow): boolean {
  const id = `${row.type}.${row.variant}`;
  if (typeof other === "string") return other === id || `${other}.main` === id;
  if (!isRecord(other)) return false;
  const type = other.type ?? (typeof other.module === "string" ? parsePath(other.module).name : undefined);
  const variant = other.variant ?? other.instance_context ?? other.instance ?? "main";
  return `${type}.${variant}` === id;
}

function unsupported(file: string, row: NewRow): ServicesFileError {
  return new ServicesFileError(`${file}: its form is too unusual to add a row to without rewriting it`, {
    hint: `nothing was written; add this to "services" and try again: ${JSON.stringify(row)}`,
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeName(value: unknown): string {
  return Array.isArray(value) ? "a list" : isRecord(value) ? "a map" : `${JSON.stringify(value)}`;
}
