// A configuration file as a tree of values that know where they stand.
import { dirname, resolve } from "node:path";
import type { SourcePosition } from "./types.ts";

/** A text that values come from. */
export interface Source {
  /** As shown to the user: the file as named, `command line`, `environment`. */
  name: string;
  /** The place of a character; line and column are 0 for a source without lines. */
  position(offset: number): SourcePosition;
}

export interface ScalarNode {
  kind: "scalar";
  value: string | number | boolean | null;
  /** As written, without quotes. */
  text: string;
  source: Source;
  /** Where the value stands; where its key stands if it was left empty. */
  offset: number;
}

export interface MapEntry {
  keyOffset: number;
  value: Node;
  /** The anchor that the value came from, by an alias or by `<<`. */
  anchor?: string;
}

export interface MapNode {
  kind: "map";
  entries: Map<string, MapEntry>;
  /** Entries that `<<`, or a weaker source, would have given, had stronger ones not been there; the strongest first. */
  hidden?: ReadonlyMap<string, readonly MapEntry[]>;
  source: Source;
  offset: number;
}

export interface SeqNode {
  kind: "seq";
  items: Node[];
  source: Source;
  offset: number;
}

export type Node = ScalarNode | MapNode | SeqNode;

/** A source with lines. Line starts are only looked for when a position is asked. */
export class TextSource implements Source {
  readonly name: string;
  readonly text: string;
  #lineStarts: number[] | undefined;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  position(offset: number): SourcePosition {
    this.#lineStarts ??= findLineStarts(this.text);
    const starts = this.#lineStarts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.name, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }
}

/** Absolute path of the file that a text is of; undefined for what is of no file. */
export function sourceFile(source: Source): string | undefined {
  return source instanceof TextSource ? resolve(source.name) : undefined;
}

/** Absolute path of its folder: paths in it are relative to that. */
export function sourceFolder(source: Source): string | undefined {
  const file = sourceFile(source);
  return file === undefined ? undefined : dirname(file);
}

/** A source without lines. */
export function plainSource(name: string): Source {
  return { name, position: () => ({ file: name, line: 0, column: 0 }) };
}

export function scalar(value: ScalarNode["value"], text: string, source: Source, offset: number): ScalarNode {
  return { kind: "scalar", value, text, source, offset };
}

export function isNull(node: Node | undefined): boolean {
  return node === undefined || (node.kind === "scalar" && node.value === null);
}

/** Whether two trees mean the same, wherever they stand. */
export function sameValue(a: Node, b: Node): boolean {
  if (a.kind === "scalar") return b.kind === "scalar" && a.value === b.value;
  if (a.kind === "seq") return b.kind === "seq" && sameItems(a.items, b.items);
  if (b.kind !== "map") return false;
  const names = [...a.entries.keys()];
  if (names.length !== b.entries.size) return false;
  return names.every((name) => {
    const [one, other] = [a.entries.get(name), b.entries.get(name)];
    return one !== undefined && other !== undefined && sameValue(one.value, other.value);
  });
}

function sameItems(a: readonly Node[], b: readonly Node[]): boolean {
  return a.length === b.length && a.every((item, i) => b[i] !== undefined && sameValue(item, b[i]));
}

export type Path = readonly (string | number)[];

/** The place of the value (or the key) at `path` below `node`, or of the nearest thing around it that exists. */
export function positionAt(node: Node, path: Path, what: "value" | "key" = "value"): SourcePosition {
  let current = node;
  let offset = node.offset;
  for (const part of path) {
    if (current.kind === "map") {
      const entry = current.entries.get(String(part));
      if (!entry) break;
      offset = what === "key" ? entry.keyOffset : entry.value.offset;
      current = entry.value;
    } else if (current.kind === "seq") {
      const item = current.items[Number(part)];
      if (!item) break;
      offset = item.offset;
      current = item;
    } else break;
  }
  return current.source.position(offset);
}

/** `limits.max`, `targets[2]`. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`),
    "",
  );
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
