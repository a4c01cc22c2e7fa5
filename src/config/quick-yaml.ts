// A fast reader for the plain YAML that nearly every configuration is written in: block mappings and lists,
// scalars and flow collections of one line, comments. It gives up on anything else, and on anything wrong, and full-yaml.ts takes over:
// so every message comes from there, and both give the same tree (test/config/quick-yaml.test.ts holds them together).
// Why: 1,000 services take the full parser over 100 ms in a fresh process, this one about 10.
import { readQuickFlow } from "./quick-flow.ts";
import { PLAIN_START, resolvePlain } from "./quick-scalar.ts";
import { type MapEntry, type MapNode, type Node, type SeqNode, scalar, type TextSource } from "./source-tree.ts";

interface Line {
  indent: number;
  /** Offset of the content in the source. */
  offset: number;
  content: string;
}

// YAML bounds what stands before the colon of a key: a long one is for the full parser to judge.
const KEY = /^([A-Za-z_][\w.-]{0,127}):(?: +(.*))?$/;
const DOUBLE_QUOTED = /^"([^"\\]*)" *(?: #.*)?$/;
const SINGLE_QUOTED = /^'([^']*)' *(?: #.*)?$/;

/** The tree of `source`, or undefined when it holds anything this reader does not know for certain. */
export function readQuickYaml(source: TextSource): Node | undefined {
  const lines = splitLines(source.text);
  return lines && lines.length > 0 ? new QuickReader(source, lines).read() : undefined;
}

/** Lines with content; undefined when blanks other than spaces, carriage returns or document marks are about. */
function splitLines(text: string): Line[] | undefined {
  if (/[^\S \n]|\u0085/.test(text)) return undefined;
  const lines: Line[] = [];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    let offset = start;
    while (offset < end && text[offset] === " ") offset++;
    if (offset < end && text[offset] !== "#") {
      const content = text.slice(offset, end).trimEnd();
      const indent = offset - start;
      if (indent === 0 && /^(?:---|\.\.\.|%)/.test(content)) {
        if (content !== "---" || lines.length > 0) return undefined;
      } else {
        lines.push({ indent, offset, content });
      }
    }
    start = end + 1;
  }
  return lines;
}

class QuickReader {
  readonly #source: TextSource;
  readonly #lines: Line[];
  #at = 0;

  constructor(source: TextSource, lines: Line[]) {
    this.#source = source;
    this.#lines = lines;
  }

  read(): Node | undefined {
    const node = this.#block(this.#lines[0]?.indent ?? 0, 0);
    return this.#at === this.#lines.length ? node : undefined;
  }

  #block(indent: number, depth: number): Node | undefined {
    if (depth > 20) return undefined;
    return isItem(this.#lines[this.#at]) ? this.#list(indent, depth) : this.#map(indent, depth);
  }

  #map(indent: number, depth: number): MapNode | undefined {
    const entries = new Map<string, MapEntry>();
    const first = this.#lines[this.#at];
    for (let line = first; line && line.indent === indent && !isItem(line); line = this.#lines[this.#at]) {
      const [, key, rest] = KEY.exec(line.content) ?? [];
      if (key === undefined || entries.has(key) || resolvePlain(key) !== key) return undefined;
      this.#at++;
      const restOffset = line.offset + line.content.length - (rest?.length ?? 0);
      const value =
        rest === undefined || rest.startsWith("#")
          ? this.#nested(indent, line.offset, depth)
          : this.#inline(rest, restOffset, indent);
      if (!value) return undefined;
      entries.set(key, { keyOffset: line.offset, value });
    }
    // A line deeper than the block belongs to nothing this reader knows.
    if ((this.#lines[this.#at]?.indent ?? -1) > indent) return undefined;
    return first && { kind: "map", entries, source: this.#source, offset: first.offset };
  }

  /** What stands below a key without a value on its line. */
  #nested(indent: number, keyOffset: number, depth: number): Node | undefined {
    const next = this.#lines[this.#at];
    if (next && next.indent > indent) return this.#block(next.indent, depth + 1);
    // A list may stand at the same depth as its key.
    if (next && next.indent === indent && isItem(next)) return this.#list(indent, depth + 1);
    return scalar(null, "", this.#source, keyOffset);
  }

  #list(indent: number, depth: number): SeqNode | undefined {
    const items: Node[] = [];
    const first = this.#lines[this.#at];
    for (let line = first; line && line.indent === indent && isItem(line); line = this.#lines[this.#at]) {
      const content = line.content.slice(1).trimStart();
      const shift = line.content.length - content.length;
      const item = { indent: indent + shift, offset: line.offset + shift, content };
      let node: Node | undefined;
      if (KEY.test(content)) {
        // `- key: value` opens a mapping whose other keys stand below this one.
        this.#lines[this.#at] = item;
        node = this.#map(item.indent, depth + 1);
      } else if (!isItem(item) && !content.startsWith("#")) {
        this.#at++;
        node = this.#inline(content, item.offset, indent);
      }
      if (!node) return undefined;
      items.push(node);
    }
    if ((this.#lines[this.#at]?.indent ?? -1) > indent) return undefined;
    return first && { kind: "seq", items, source: this.#source, offset: first.offset };
  }

  /** What stands behind a key, or as an item, on its line. */
  #inline(rest: string, offset: number, indent: number): Node | undefined {
    // A deeper line that follows continues this value.
    if ((this.#lines[this.#at]?.indent ?? -1) > indent) return undefined;
    if (rest.startsWith("[") || rest.startsWith("{")) return readQuickFlow(rest, this.#source, offset);
    const quoted = (DOUBLE_QUOTED.exec(rest) ?? SINGLE_QUOTED.exec(rest))?.[1];
    if (quoted !== undefined) return scalar(quoted, quoted, this.#source, offset);
    if (!PLAIN_START.test(rest)) return undefined;
    const comment = rest.indexOf(" #");
    const text = comment < 0 ? rest : rest.slice(0, comment).trimEnd();
    if (text.includes(": ") || text.endsWith(":")) return undefined;
    const value = resolvePlain(text);
    return value === undefined ? undefined : scalar(value, text, this.#source, offset);
  }
}

function isItem(line: Line | undefined): boolean {
  return line !== undefined && (line.content === "-" || line.content.startsWith("- "));
}
