// Topics are words joined by dots; who listens names topics, or patterns of them, the same on both transports.
import { dottedFault } from "../common/names.ts";
import { TopicError } from "./errors.ts";

/** What is wrong with a topic: it has to be one on both transports. */
export function topicFault(topic: string): string | undefined {
  return dottedFault(topic) ?? (topic.startsWith("{") ? 'it begins with "{"' : undefined);
}

/** What is wrong with a pattern. */
export function patternFault(pattern: string): string | undefined {
  if (pattern === "") return undefined;
  const words = pattern.split(".");
  return topicFault(words.map((word, at) => (isOpen(word, at === words.length - 1) ? "x" : word)).join("."));
}

function isOpen(word: string, isLast: boolean): boolean {
  return word === "*" || (word === ">" && isLast);
}

/** @throws TopicError */
export function checkTopic(topic: string): void {
  refuse(topic, topicFault(topic));
}

/**
 * A pattern: a topic, in which `*` stands for one word, and `>` at the end for one or more; alone, or as an empty text, for
 * all. @returns it in that form
 * @throws TopicError
 */
export function checkPattern(pattern: string): string {
  refuse(pattern, patternFault(pattern));
  return pattern || ">";
}

function refuse(text: string, fault: string | undefined): void {
  if (fault)
    throw new TopicError(`${JSON.stringify(text)} is no topic: ${fault}`, { hint: "as state, or weather.wind" });
}

/** Whether a topic is meant by a pattern: `state` means neither `state.dome` nor `statement`. */
export function matches(pattern: string, topic: string): boolean {
  const words = topic.split(".");
  const wanted = pattern.split(".");
  const isOpen = wanted.at(-1) === ">";
  if (isOpen ? words.length < wanted.length : words.length !== wanted.length) return false;
  return wanted.every((word, at) => word === "*" || word === ">" || word === words[at]);
}

/** How all topics of a pattern begin, and whether that is all of the topic. */
export function beginningOf(pattern: string): { text: string; isWhole: boolean } {
  const open = pattern.split(".").findIndex((word) => word === "*" || word === ">");
  if (open < 0) return { text: pattern, isWhole: true };
  const words = pattern.split(".").slice(0, open);
  return { text: words.map((word) => `${word}.`).join(""), isWhole: false };
}

/** Who gets what: each topic has one taker, that of the pattern which says most about it. */
export class TopicTable<T> {
  readonly #exact = new Map<string, T>();
  /** Sorted: what says most first. */
  #open: { pattern: string; taker: T }[] = [];

  /** A pattern that is there already gets another taker. @throws TopicError */
  set(pattern: string, taker: T): void {
    const checked = checkPattern(pattern);
    if (beginningOf(checked).isWhole) {
      this.#exact.set(checked, taker);
      return;
    }
    const others = this.#open.filter((one) => one.pattern !== checked);
    this.#open = [...others, { pattern: checked, taker }].sort((a, b) => compare(a.pattern, b.pattern));
  }

  get patterns(): string[] {
    return [...this.#exact.keys(), ...this.#open.map(({ pattern }) => pattern)];
  }

  has(pattern: string): boolean {
    return this.patterns.includes(checkPattern(pattern));
  }

  /** The pattern that a topic goes by; undefined if nobody asked for it. */
  patternOf(topic: string): string | undefined {
    return this.#exact.has(topic) ? topic : this.#openFor(topic)?.pattern;
  }

  takerOf(topic: string): T | undefined {
    return this.#exact.get(topic) ?? this.#openFor(topic)?.taker;
  }

  #openFor(topic: string): { pattern: string; taker: T } | undefined {
    return this.#open.find(({ pattern }) => matches(pattern, topic));
  }
}

/** Word by word: a word says more than `*`, and that more than `>`; then the longer one says more. */
function compare(a: string, b: string): number {
  const [left, right] = [a.split("."), b.split(".")];
  for (const [at, word] of left.entries()) {
    const difference = weight(right[at]) - weight(word);
    if (difference !== 0) return difference;
  }
  return right.length - left.length;
}

function weight(word: string | undefined): number {
  if (word === undefined || word === ">") return 0;
  return word === "*" ? 1 : 2;
}
