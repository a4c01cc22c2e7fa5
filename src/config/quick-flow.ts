// The fast reader's part for lists and mappings on one line: `[sh, -c, "a; b"]`, `{restart: always, restart_sec: 0}`.
import { PLAIN_START, resolvePlain } from "./quick-scalar.ts";
import {
  type MapEntry,
  type MapNode,
  type Node,
  type ScalarNode,
  type SeqNode,
  scalar,
  type TextSource,
} from "./source-tree.ts";

const DEEPEST = 5;
/** What is left of a line after the last bracket. */
const REST = /^ *(?: #.*)?$/;
const KEY = /([A-Za-z_][\w.-]{0,127}): +/y;
const QUOTED = /"([^"\\]*)"|'([^']*)'/y;
/** Up to what could end it, or make it something else in a flow. */
const PLAIN = /[^,[\]{}#"'&*!|>%@`?]+/y;
const BLANK = / */y;

/**
 * The value that `text` begins with, which is `[` or `{`, and nothing but a comment behind it.
 * @param offset of `text` in the source
 * @returns undefined when it holds anything this reader does not know for certain
 */
export function readQuickFlow(text: string, source: TextSource, offset: number): SeqNode | MapNode | undefined {
  const reader = new FlowReader(text, source, offset);
  const node = reader.collection(0);
  return node && REST.test(text.slice(reader.at)) ? node : undefined;
}

class FlowReader {
  at = 0;
  readonly #text: string;
  readonly #source: TextSource;
  readonly #offset: number;

  constructor(text: string, source: TextSource, offset: number) {
    this.#text = text;
    this.#source = source;
    this.#offset = offset;
  }

  collection(depth: number): SeqNode | MapNode | undefined {
    if (depth > DEEPEST) return undefined;
    const place = { source: this.#source, offset: this.#offset + this.at };
    if (this.#text[this.at] === "[") {
      const items: Node[] = [];
      const isWhole = this.#members("]", () => {
        const item = this.#value(depth);
        if (item) items.push(item);
        return item !== undefined;
      });
      return isWhole ? { kind: "seq", items, ...place } : undefined;
    }
    const entries = new Map<string, MapEntry>();
    const isWhole = this.#members("}", () => {
      const keyOffset = this.#offset + this.at;
      const key = this.#take(KEY)?.[1];
      if (key === undefined || entries.has(key) || resolvePlain(key) !== key) return false;
      const value = this.#value(depth);
      if (value) entries.set(key, { keyOffset, value });
      return value !== undefined;
    });
    return isWhole ? { kind: "map", entries, ...place } : undefined;
  }

  /** Reads members, commas and the closing bracket. @param member reads one; false when it cannot */
  #members(close: "]" | "}", member: () => boolean): boolean {
    this.at++;
    this.#take(BLANK);
    if (this.#text[this.at] === close) {
      this.at++;
      return true;
    }
    for (;;) {
      if (!member()) return false;
      this.#take(BLANK);
      const next = this.#text[this.at++];
      if (next === close) return true;
      if (next !== ",") return false;
      this.#take(BLANK);
    }
  }

  #value(depth: number): Node | undefined {
    const first = this.#text[this.at];
    if (first === "[" || first === "{") return this.collection(depth + 1);
    const offset = this.#offset + this.at;
    const quoted = this.#take(QUOTED);
    if (quoted) {
      const text = quoted[1] ?? quoted[2] ?? "";
      return scalar(text, text, this.#source, offset);
    }
    return this.#plain(offset);
  }

  #plain(offset: number): ScalarNode | undefined {
    const text = this.#take(PLAIN)?.[0].trimEnd() ?? "";
    // A colon may be inside a word only: before a blank, a comma or a bracket it makes a key.
    if (!PLAIN_START.test(text) || text === "-" || /:(?: |$)/.test(text)) return undefined;
    const value = resolvePlain(text);
    return value === undefined ? undefined : scalar(value, text, this.#source, offset);
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text);
    if (found) this.at = pattern.lastIndex;
    return found ?? undefined;
  }
}
