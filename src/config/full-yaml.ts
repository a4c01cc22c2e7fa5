// The whole of YAML through the `yaml` package: every syntax error with its place, aliases followed with care.
import type { Document, Node as YamlNode } from "yaml";
import { type ConfigIssue, showValue } from "./errors.ts";
import { DEPTH_LIMIT, findHopeless } from "./hopeless-yaml.ts";
import { type MapEntry, type MapNode, type Node, scalar, type TextSource } from "./source-tree.ts";

/** Values that aliases may add to a file before it is refused as a bomb. */
const ALIAS_LIMIT = 100_000;
const FLATTER = "a flatter structure";
const TOO_DEEP = [`values nested more than ${DEPTH_LIMIT} deep`, FLATTER] as const;
const SECOND_DOCUMENT = ["a second YAML document", "one document in a file, without `---` between"] as const;

export interface YamlTree {
  /** Absent when the text holds no value at all. With issues it is what could be understood. */
  root?: Node;
  issues: (ConfigIssue & { offset: number })[];
  /** The grammar itself is broken: the tree may not be what was meant. */
  broken: boolean;
}

/** Faults after which the tree is still what was meant. */
const MILD: readonly string[] = ["TAG_RESOLVE_FAILED"];

/** Parses `source`; never throws for bad text. */
export async function readFullYaml(source: TextSource): Promise<YamlTree> {
  const { yaml } = await import("./yaml-package.ts");
  const issues: YamlTree["issues"] = [];
  const report = (offset: number, given: string, expected: string, key = "") => {
    issues.push({ ...source.position(offset), key, given, expected, offset });
  };
  const hopeless = findHopeless(yaml, source.text);
  if (hopeless) {
    const [given, expected] = hopeless.what === "depth" ? TOO_DEEP : SECOND_DOCUMENT;
    report(hopeless.offset, given, expected);
    return { issues, broken: true };
  }
  let documents: Document.Parsed[];
  try {
    // Keys that stand twice are found by the converter: the library compares each with each.
    const parsed = yaml.parseAllDocuments(source.text, { prettyErrors: false, logLevel: "silent", uniqueKeys: false });
    // For a text without any document the library gives an empty list with extras: nothing to read either way.
    documents = [...parsed];
  } catch (error) {
    // The only throw seen is the stack running out in a text nested thousands deep.
    report(0, error instanceof RangeError ? "values nested too deeply" : String(error), "valid YAML");
    return { issues, broken: true };
  }
  const [document, second] = documents;
  if (second) report(second.range[0], ...SECOND_DOCUMENT);
  const lines = new Set<number>();
  for (const fault of document ? [...document.errors, ...document.warnings] : []) {
    const line = source.position(fault.pos[0]).line;
    // One error often draws others after it on the same line.
    if (lines.has(line)) continue;
    lines.add(line);
    report(fault.pos[0], ...describeFault(fault, source.text));
  }
  const broken = second !== undefined || (document?.errors ?? []).some(({ code }) => !MILD.includes(code));
  const contents = document?.contents;
  if (!contents) return { issues, broken };
  const faults = issues.length;
  const converter = new Converter(yaml, source, broken ? ignore : report);
  const root = converter.convert(contents, 0);
  const isWhole = issues.length - faults === converter.doubles;
  return { issues, broken: broken || !isWhole, ...(root && { root }) };
}

/** In a text whose grammar is broken, what the pieces look like is no news. */
const ignore = () => undefined;

class Converter {
  readonly #yaml: typeof import("yaml");
  readonly #source: TextSource;
  readonly #report: (offset: number, given: string, expected: string, key?: string) => void;
  /** Anchors met so far, in the order of the text: the last one of a name counts. */
  readonly #anchors = new Map<string, YamlNode>();
  readonly #open = new Set<YamlNode>();
  /** Anchored nodes already converted, with the number of values below them. */
  readonly #done = new Map<YamlNode, { node: Node; size: number }>();
  /** Keys that stand twice: told, and no reason not to look at the rest. */
  doubles = 0;
  #size = 0;
  #aliased = 0;

  constructor(
    yaml: typeof import("yaml"),
    source: TextSource,
    report: (offset: number, given: string, expected: string, key?: string) => void,
  ) {
    this.#yaml = yaml;
    this.#source = source;
    this.#report = report;
  }

  convert(node: YamlNode, depth: number): Node | undefined {
    const offset = node.range?.[0] ?? 0;
    if (depth > DEPTH_LIMIT) {
      this.#report(offset, ...TOO_DEEP);
      return undefined;
    }
    if (this.#yaml.isAlias(node)) return this.#alias(node.source, offset);
    if ((this.#yaml.isCollection(node) || this.#yaml.isScalar(node)) && node.anchor)
      this.#anchors.set(node.anchor, node);
    const before = this.#size++;
    this.#open.add(node);
    const converted = this.#plain(node, offset, depth);
    this.#open.delete(node);
    if (converted) this.#done.set(node, { node: converted, size: this.#size - before });
    return converted;
  }

  #alias(name: string, offset: number): Node | undefined {
    const target = this.#anchors.get(name);
    if (!target) {
      this.#report(offset, `*${name}`, `an anchor &${name} before it`);
      return undefined;
    }
    if (this.#open.has(target)) {
      this.#report(offset, `*${name} inside &${name}`, "an alias that does not contain itself");
      return undefined;
    }
    const known = this.#done.get(target);
    // The anchored value itself could not be read: that has been reported.
    if (!known) return undefined;
    this.#size += known.size;
    const before = this.#aliased;
    this.#aliased += known.size;
    if (this.#aliased <= ALIAS_LIMIT) return known.node;
    if (before <= ALIAS_LIMIT) {
      this.#report(offset, "aliases of aliases that expand without measure", `at most ${ALIAS_LIMIT} values by alias`);
    }
    return undefined;
  }

  #plain(node: YamlNode, offset: number, depth: number): Node | undefined {
    if (this.#yaml.isMap(node)) return this.#map(node, offset, depth);
    if (this.#yaml.isSeq(node)) {
      const items = node.items.map((item) =>
        this.#yaml.isNode(item) ? this.convert(item, depth + 1) : scalar(null, "", this.#source, offset),
      );
      return { kind: "seq", items: items.filter((item) => item !== undefined), source: this.#source, offset };
    }
    if (!this.#yaml.isScalar(node)) return undefined;
    const { value } = node;
    if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      return scalar(value, node.source ?? String(value ?? ""), this.#source, offset);
    }
    this.#report(offset, `a value of the kind ${node.tag ?? typeof value}`, "plain text, a number, true or false");
    return undefined;
  }

  /** One mapping of several that `<<` names. */
  #merge(list: unknown, from: Node, index: number): { from: Node; anchor?: string } {
    const item = this.#yaml.isSeq(list) ? list.items[index] : undefined;
    return { from, ...(this.#yaml.isAlias(item) ? { anchor: item.source } : {}) };
  }

  #map(node: import("yaml").YAMLMap, offset: number, depth: number): MapNode {
    const entries = new Map<string, MapEntry>();
    const merged: { from: Node; anchor?: string }[] = [];
    for (const { key, value } of node.items) {
      const keyOffset = this.#yaml.isNode(key) ? (key.range?.[0] ?? offset) : offset;
      if (!this.#yaml.isScalar(key) || key.value === null || key.value === undefined) {
        this.#report(keyOffset, "a key that is not plain text", "a name followed by a colon");
        continue;
      }
      const name = typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
      const converted = this.#yaml.isNode(value)
        ? this.convert(value, depth + 1)
        : scalar(null, "", this.#source, keyOffset);
      if (!converted) continue;
      // A value left empty has no place of its own: its key is shown instead.
      if (converted.kind === "scalar" && converted.text === "" && converted.value === null)
        converted.offset = keyOffset;
      const anchor = this.#yaml.isAlias(value) ? { anchor: value.source } : {};
      if (name !== "<<") {
        if (entries.has(name)) {
          this.doubles++;
          this.#report(keyOffset, `${showValue(name)} a second time`, "each key once in a mapping");
        }
        entries.set(name, { keyOffset, value: converted, ...anchor });
      } else if (converted.kind === "seq") {
        merged.push(...converted.items.map((from, i) => this.#merge(value, from, i)));
      } else merged.push({ from: converted, ...anchor });
    }
    const hidden = new Map<string, MapEntry[]>();
    for (const { from, anchor } of merged) {
      if (from.kind !== "map") this.#report(from.offset, showValue(from.kind), "a mapping to merge", "<<");
      else {
        for (const [name, entry] of from.entries) {
          const given = { ...entry, ...(anchor === undefined ? {} : { anchor }) };
          if (entries.has(name)) hidden.set(name, [...(hidden.get(name) ?? []), given]);
          else entries.set(name, given);
        }
      }
    }
    return { kind: "map", entries, ...(hidden.size > 0 && { hidden }), source: this.#source, offset };
  }
}

/** What was found and what is right, in words for someone who does not read YAML's grammar. */
function describeFault(
  fault: { code: string; message: string; pos: [number, number] },
  text: string,
): [given: string, expected: string] {
  switch (fault.code) {
    case "TAB_AS_INDENT":
      return ["a tab as indentation", "spaces"];
    case "TAG_RESOLVE_FAILED":
      return [text.slice(...fault.pos).trim(), "a value without a tag"];
    case "BAD_SCALAR_START":
      return [`an unquoted value that starts with ${text[fault.pos[0]]}`, "quotes around it"];
    case "BLOCK_AS_IMPLICIT_KEY":
      return ["something nested below a value", "one value, or a nested block, with keys of one mapping in one column"];
    default:
      if (fault.message.startsWith("Maximum call stack")) return ["values nested too deeply", FLATTER];
      return [`broken YAML (${fault.message})`, "`key: value` lines, or `- item` lines, in even columns"];
  }
}
