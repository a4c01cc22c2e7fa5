// Reads values out of a tree and collects everything wrong on the way, instead of stopping at the first.
import { nearest } from "../common/nearest.ts";
import { looksSecret } from "../common/secret-words.ts";
import { type ConfigIssue, didYouMean, showValue } from "./errors.ts";
import { type Env, expandText, typedValue, variablesIn } from "./expand.ts";
import { isNull, type MapNode, type Node, type ScalarNode, type Source } from "./source-tree.ts";

/** A search among more names, or for more issues, takes longer than anybody wants to wait for a hint. */
const MOST_NAMES = 2000;
const MOST_HINTS = 500;

export interface Place {
  source: Source;
  offset: number;
}

export interface NumberRule {
  min: number;
  max: number;
  integer?: boolean;
}

/** Collects issues; each reader returns undefined after it has reported one. */
export class Checker {
  readonly issues: ConfigIssue[] = [];
  /** Texts that variables named like secrets stand for, those with a default included. */
  readonly secrets = new Set<string>();
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
  }

  /** A checker with the same environment and issues of its own. */
  fork(): Checker {
    return new Checker(this.#env);
  }

  report(place: Place, key: string, given: string, expected: string, hint?: string): undefined {
    const position = place.source.position(place.offset);
    this.issues.push({ ...position, key, given, expected, ...(hint !== undefined && { hint }) });
  }

  /** "did you mean", for a word that is not in `known`. */
  near(word: string, known: readonly string[] | ReadonlySet<string>): string | undefined {
    const count = "size" in known ? known.size : known.length;
    return this.issues.length < MOST_HINTS && count <= MOST_NAMES ? didYouMean(nearest(word, known)) : undefined;
  }

  /** The value of a scalar, variables expanded. */
  expand(node: ScalarNode, key: string): { value: ScalarNode["value"]; text: string; variable: boolean } | undefined {
    if (typeof node.value !== "string" || !node.value.includes("${")) {
      const text = typeof node.value === "string" ? node.value : node.text;
      return { value: node.value, text, variable: false };
    }
    const expansion = expandText(node.value, this.#env);
    if (!expansion.ok) return this.report(node, key, expansion.given, expansion.expected);
    const { text, single } = expansion;
    if (variablesIn(node.value).some(looksSecret)) this.secrets.add(text);
    return { value: single ? typedValue(text) : text, text, variable: single };
  }

  /** Text; a number or boolean counts as it was written (`variant: 007` is "007"). */
  text(node: Node, key: string, expected: string): string | undefined {
    if (node.kind !== "scalar" || isNull(node)) return this.report(node, key, showNode(node), expected);
    const expanded = this.expand(node, key);
    if (expanded?.text === "") return this.report(node, key, '""', expected);
    return expanded?.text;
  }

  number(node: Node, key: string, rule: NumberRule): number | undefined {
    const expected = describeNumber(rule);
    if (node.kind !== "scalar") return this.report(node, key, showNode(node), expected);
    const expanded = this.expand(node, key);
    if (!expanded) return undefined;
    const value = typeof expanded.value === "string" ? typedValue(expanded.value) : expanded.value;
    const fits =
      typeof value === "number" && value >= rule.min && value <= rule.max && (!rule.integer || Number.isInteger(value));
    return fits ? value : this.report(node, key, showValue(expanded.value), expected);
  }

  boolean(node: Node, key: string): boolean | undefined {
    const expanded = node.kind === "scalar" ? this.expand(node, key) : { value: undefined };
    if (!expanded) return undefined;
    const { value } = expanded;
    if (typeof value === "boolean") return value;
    return this.report(node, key, showNode(node), "true or false");
  }

  /** A mapping; undefined, and no issue, where there is nothing. */
  map(node: Node | undefined, key: string, expected: string): MapNode | undefined {
    if (!node || isNull(node)) return undefined;
    return node.kind === "map" ? node : this.report(node, key, showNode(node), expected);
  }

  /** Reports every key of `map` that is not in `known`, with the nearest one that is, or else what `hintOf` says of it. */
  unknownKeys(
    map: MapNode,
    path: string,
    known: readonly string[],
    hintOf?: (key: string, value: Node) => string | undefined,
  ): void {
    for (const [key, entry] of map.entries) {
      if (known.includes(key)) continue;
      const place = { source: map.source, offset: entry.keyOffset };
      this.report(
        place,
        join(path, key),
        "an unknown key",
        `one of ${known.join(", ")}`,
        this.near(key, known) ?? hintOf?.(key, entry.value),
      );
    }
  }

  /**
   * The plain value of `node`, variables expanded. Values that were one variable are also noted as text in `texts`, by path:
   * only the service's schema knows whether 00123 is a number.
   */
  plain(node: Node, key: string, path = "", texts: Record<string, string> = {}): unknown {
    switch (node.kind) {
      case "scalar": {
        const expanded = this.expand(node, key);
        if (expanded?.variable && expanded.value !== expanded.text) texts[path] = expanded.text;
        return expanded?.value;
      }
      case "seq":
        return node.items.map((item, i) => this.plain(item, `${key}[${i}]`, `${path}[${i}]`, texts));
      case "map":
        // Object.fromEntries defines own properties: a key named __proto__ is only a key.
        return Object.fromEntries(
          [...node.entries].map(([name, { value }]) => [
            name,
            this.plain(value, join(key, name), join(path, name), texts),
          ]),
        );
    }
  }
}

/** `path.key`. */
export function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

export function showNode(node: Node): string {
  if (node.kind === "scalar") return showValue(node.value);
  if (node.kind === "map") return "a mapping";
  return node.items.length === 0 ? "an empty list" : `a list of ${node.items.length}`;
}

function describeNumber({ min, max, integer }: NumberRule): string {
  return `${integer ? "a whole number" : "a number"} from ${min} to ${max}`;
}
