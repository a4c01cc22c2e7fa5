// What a terminal shows, as a picture: every word in its place and colour.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { readDocument } from "../docs/markdown.ts";
import { runsOf, terminalSvg } from "./terminal-svg.ts";

test("pieces of a line keep their column and colours, until these end", () => {
  const line = "\u001b[31m\u001b[1m× Overall error\u001b[22m\u001b[39m   2 of 7  \u001b[2mdim\u001b[0m plain";
  expect(runsOf(line)).toEqual([
    { text: "× Overall error", classes: "b r", column: 0 },
    { text: "2 of 7", classes: "", column: 18 },
    { text: "dim", classes: "d", column: 26 },
    { text: "plain", classes: "", column: 30 },
  ]);
});

test("a picture is well-formed, whatever is in the text", () => {
  const svg = terminalSvg(["a <b> & c", "", "\u001b[32m●\u001b[39m ok"], 20, "<title>");
  expect(svg).toContain(">a &lt;b&gt; &amp; c</text>");
  expect(svg).toContain('class="g">●</text>');
  expect(svg).toContain("<title>&lt;title&gt;</title>");
  // Three lines high, also where one is empty.
  expect(svg).toContain('height="85"');
});

test("the pictures of the README are there, and each says in words what is on it", async () => {
  const { text } = await readDocument("README.md");
  const pictures = [...text.matchAll(/!\[(.*?)\]\((.*?)\)/g)];
  expect(pictures.map(([, , path]) => path)).toEqual(["docs/images/status.svg", "docs/images/dashboard.png"]);
  for (const [, words, path] of pictures) {
    expect(words?.length).toBeGreaterThan(20);
    expect(Bun.file(join(import.meta.dir, "../..", String(path))).size).toBeGreaterThan(1_000);
  }
});
