import { expect, test } from "bun:test";
import { PrefixTree } from "../../src/zmtp/prefix-tree.ts";
import { seededRandom } from "./bytes.ts";

function matches(tree: PrefixTree<string>, topic: string): string[] {
  const found: string[] = [];
  const bytes = Buffer.from(topic);
  tree.match(bytes, 0, bytes.length, (value) => found.push(value));
  return found.toSorted();
}

function treeOf(...prefixes: string[]): PrefixTree<string> {
  const tree = new PrefixTree<string>();
  for (const prefix of prefixes) tree.add(Buffer.from(prefix), prefix);
  return tree;
}

test("a topic matches its own beginnings and nothing else", () => {
  const tree = treeOf("", "a", "ab", "abc", "abd", "b");
  expect(matches(tree, "ab")).toEqual(["", "a", "ab"]);
  expect(matches(tree, "abcd")).toEqual(["", "a", "ab", "abc"]);
  expect(matches(tree, "")).toEqual([""]);
  expect(matches(tree, "c")).toEqual([""]);
});

test("a part of a topic is looked at, from start to end", () => {
  const found: string[] = [];
  treeOf("bc", "bcd").match(Buffer.from("abcd"), 1, 3, (value) => found.push(value));
  expect(found).toEqual(["bc"]);
});

test("what was added twice has to be taken back twice", () => {
  const tree = treeOf("a");
  expect(tree.add(Buffer.from("a"), "a")).toBe(false);
  expect(tree.remove(Buffer.from("a"), "a")).toBe(false);
  expect(matches(tree, "a")).toEqual(["a"]);
  expect(tree.remove(Buffer.from("a"), "a")).toBe(true);
  expect(tree.remove(Buffer.from("a"), "a")).toBeUndefined();
  expect(matches(tree, "a")).toEqual([]);
});

test("it does what a plain list of prefixes does, whatever is added and removed", () => {
  const random = seededRandom(3);
  const word = () => Array.from({ length: Math.floor(random() * 6) }, () => "ab"[Math.floor(random() * 2)]).join("");
  const tree = new PrefixTree<string>();
  const list = new Map<string, number>();
  for (let step = 0; step < 5_000; step++) {
    const prefix = word();
    const count = list.get(prefix) ?? 0;
    if (random() < 0.5) {
      expect(tree.add(Buffer.from(prefix), prefix)).toBe(count === 0);
      list.set(prefix, count + 1);
    } else {
      expect(tree.remove(Buffer.from(prefix), prefix)).toBe(count === 0 ? undefined : count === 1);
      list.set(prefix, Math.max(0, count - 1));
    }
    if (random() < 0.002) {
      tree.removeAll(prefix);
      list.set(prefix, 0);
    }
    const topic = word() + word();
    const expected = [...list].filter(([known, times]) => times > 0 && topic.startsWith(known)).map(([known]) => known);
    expect(matches(tree, topic)).toEqual(expected.toSorted());
    expect(tree.has(Buffer.from(topic))).toBe(expected.length > 0);
  }
  const known = [...list].filter(([, times]) => times > 0).map(([prefix]) => prefix);
  expect([...tree.prefixes()].map(String).toSorted()).toEqual(known.toSorted());
});
