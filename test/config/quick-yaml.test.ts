// The fast reader either gives exactly the tree of the full one, or leaves the text to it.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the configuration, not of this file
import { describe, expect, test } from "bun:test";
import { readFullYaml } from "../../src/config/full-yaml.ts";
import { readQuickYaml } from "../../src/config/quick-yaml.ts";
import { type Node, TextSource } from "../../src/config/source-tree.ts";

/** The tree without its source, with every offset. */
function plain(node: Node | undefined): unknown {
  if (!node) return undefined;
  const { offset } = node;
  if (node.kind === "scalar") return { value: node.value, text: node.text, offset };
  if (node.kind === "seq") return { items: node.items.map(plain), offset };
  return {
    offset,
    entries: [...node.entries].map(([key, entry]) => [key, entry.keyOffset, plain(entry.value)]),
  };
}

/** Numbers from 0 to below `below`, the same ones in each run. */
function generator(): (below: number) => number {
  let seed = 1;
  return (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
}

const TAKEN = [
  "services:\n  - type: hello_world\n    variant: main\n",
  "services:\n- type: hello_world\n  variant: main\n- type: b\nnats:\n  host: x\n",
  "---\n# a comment\na: 1 # one\n\nb: two words # two\n",
  "a: \"quoted # not a comment\"\nb: 'single: quoted'\nc: \"\"\nd: '' # c\n",
  "a: 1\nb: -1\nc: +1\nd: 1.5\ne: .5\nf: 5.\ng: 1e3\nh: 007\ni: 1_000\nj: 12:30\nk: 1.2.3\nl: -a\n",
  "a: true\nb: False\nc: ~\nd: null\ne:\nf: no\ng: yes\nh: Off\ni: nullable\nj: ~x\n",
  "a: ${HOST}\nb: ${PORT:-4222}\nc: nats://${HOST}:4222\nd: a#b\ne: $${X}\n",
  "a:\n  b:\n    c:\n      - d\n      - e: 1\n        f: 2\n      - g:\n          - h\n",
  "- a\n- b: 1\n  c: 2\n-   d: 3\n    e: 4\n",
  "a: x  \nb: y\n# end\n",
  "a: Zażółć gęślą\nb: x,y\nc: a]b\nd: a{b}\ne: it's\nf: a & b * c ! d\n",
  "a.b: 1\nc-d: 2\n_e: 3\n",
  "  a: 1\n  b: 2\n",
  "a: http://x/y:z\nb: C:\\x\nc: (x)\n",
  "a: [1, 2]\nb: []\nc: {}\nd: [ ]\ne: { }\nf: [1]   # one\n",
  "a: [sh, -c, \"while :; do date; sleep 1; done\"]\nb: [python3, -m, 'x.y', --no-banner, ./z, /w]\n",
  'a: {b: 1, c: two words, d: "three, four"}\ne: {f: [1, {g: h}], i: {j: ~}}\n',
  "- {type: hello_world, variant: main}\n- [a , b]\n- c: [http://x:1/y, 12:30, a:b]\n  d: {e: x-y, f: -1, g: true}\n",
  "a: 99999999999999999999\nb: 0\nc: -0\nd: 1.50\n",
];

const LEFT = [
  "plain text\n",
  "a: 1\na: 2\n",
  "a: [1,\n  2]\n",
  "a: [1, 2\n",
  "a: [1] x\n",
  "a: [1]# x\n",
  "a: [1, ]\n",
  "a: [, 1]\n",
  "a: [b: 1]\n",
  "a: [b:, 1]\n",
  "a: [-, 1]\n",
  "a: [- 1]\n",
  `${"x".repeat(1025)}: 1\n`,
  "a: [x #y]\n",
  "a: [*b]\n",
  "a: [?b]\n",
  "a: [b{c]\n",
  "a: [${B}]\n",
  "a: [0x1f]\n",
  'a: ["b\\n"]\n',
  "a: ['it''s']\n",
  "a: ['b' c]\n",
  "a: {b}\n",
  "a: {b:1}\n",
  "a: {b: }\n",
  "a: {b: 1, b: 2}\n",
  "a: {null: 1}\n",
  'a: {"b": 1}\n',
  "a: {<<: *b}\n",
  "a: [1]\n  b\n",
  "[a]: b\n",
  "{a: 1}\n",
  "a: [[[[[[[1]]]]]]]\n",
  "a: &x 1\nb: *x\n",
  "a: |\n  text\n",
  "a: >\n  text\n",
  'a: "esc\\n"\n',
  "a: 'it''s'\n",
  "a: one\n  two\n",
  "a: !!str 1\n",
  "a: 0x1f\n",
  "a: .inf\n",
  "a:\tb\n",
  "a: b\u00A0\n",
  "a: [b\u3000]\n",
  "a: 1\r\nb: 2\r\n",
  "a: 1\n  b: 2\n",
  "a:\n    b: 1\n  c: 2\n",
  "- a\n  - b\n",
  "- - a\n",
  "-\n  a: 1\n",
  "? a\n: b\n",
  "a: 1\n---\nb: 2\n",
  "a: @x\n",
  "a: b: c\n",
  "a: b:\n",
  "a\nb\n",
  "null: 1\n",
  '"a": 1\n',
  "1: 2\n",
  "a: %x\n",
  "a: `x`\n",
  "a: 1\n...\n",
  "",
  "# only a comment\n",
  "a: 1\n- b\n",
  "a:\n  - b\n c: 1\n",
];

describe("the fast reader", () => {
  test.each(TAKEN)("reads %j as the full reader does, offsets included", async (text) => {
    const quick = readQuickYaml(new TextSource("x.yaml", text));
    const full = await readFullYaml(new TextSource("x.yaml", text));
    expect(quick).toBeDefined();
    expect(full.issues).toEqual([]);
    expect(plain(quick)).toEqual(plain(full.root));
  });

  test.each(LEFT)("leaves %j to the full reader", (text) => {
    expect(readQuickYaml(new TextSource("x.yaml", text))).toBeUndefined();
  });

  test("never differs from the full reader, whatever stands between brackets", async () => {
    const pieces = [
      "[",
      "]",
      "{",
      "}",
      ",",
      ", ",
      " ",
      ":",
      ": ",
      "a",
      "b: ",
      "-",
      "- ",
      "1",
      "'c'",
      '"d"',
      "#",
      " # e",
      "?",
      "~",
      ".",
    ];
    const random = generator();
    let taken = 0;
    for (let round = 0; round < 20_000; round++) {
      const inside = Array.from({ length: random(8) }, () => pieces[random(pieces.length)]).join("");
      const text = `k: ${random(2) ? `[${inside}]` : `{b: ${inside}}`}\nl: 1\n`;
      const quick = readQuickYaml(new TextSource("x.yaml", text));
      if (!quick) continue;
      taken++;
      const full = await readFullYaml(new TextSource("x.yaml", text));
      expect({ text, issues: full.issues, tree: plain(quick) }).toEqual({ text, issues: [], tree: plain(full.root) });
    }
    expect(taken).toBeGreaterThan(1000);
  });

  test("never differs from the full reader, whatever the lines", async () => {
    const pieces = [
      "a:",
      "b: 1",
      "c: x # y",
      "- d",
      "- e: 2",
      "f: 'g'",
      "h: i: j",
      "-",
      "k: [1]",
      "- {p: 1, q: r}",
      "s: [t, -u, 'v', w: x",
      "# l",
      "",
      "m:n",
      '"o": p',
    ];
    const random = generator();
    let taken = 0;
    for (let round = 0; round < 5000; round++) {
      const lines = Array.from(
        { length: 1 + random(5) },
        () => " ".repeat(random(3) * 2) + pieces[random(pieces.length)],
      );
      const text = `${lines.join("\n")}\n`;
      const quick = readQuickYaml(new TextSource("x.yaml", text));
      if (!quick) continue;
      taken++;
      const full = await readFullYaml(new TextSource("x.yaml", text));
      expect({ text, issues: full.issues, tree: plain(quick) }).toEqual({ text, issues: [], tree: plain(full.root) });
    }
    expect(taken).toBeGreaterThan(300);
  });
});
