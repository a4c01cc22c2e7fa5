import { describe, expect, test } from "bun:test";
import { parse } from "yaml";
import { ServicesFileError, withRow } from "../../src/scaffold/services-file.ts";

const ROW = { type: "dome", variant: "main", interval: 5 };
const BLOCK = "  - type: dome\n    variant: main\n    interval: 5\n";

/** The text before and after the place where the row belongs, and how the row looks there. */
const PLACES: [what: string, before: string, row: string, after: string][] = [
  ["an empty file", "", `services:\n${BLOCK}`, ""],
  ["a file of comments", "# nothing yet\n", `\nservices:\n${BLOCK}`, ""],
  ["no services", "nats:\n  host: x # y\n", `\nservices:\n${BLOCK}`, ""],
  ["no services, and no line end", "nats:\n  host: x", `\n\nservices:\n${BLOCK}`, ""],
  ["services without a value", "services:\n", BLOCK, ""],
  ["services without a value or line end", "services:", `\n${BLOCK}`, ""],
  ["services with only a comment", "services: # to come\n", BLOCK, "nats:\n  port: 1\n"],
  ["a list", "services:\n  - type: a\n", BLOCK, "nats: {port: 1}\n"],
  ["a list without a line end", "services:\n  - type: a", `\n${BLOCK}`, ""],
  [
    "a list that is not indented",
    "services:\n- type: a\n",
    BLOCK.replace(/^ {2}/gm, ""),
    "# the broker\nnats:\n  port: 1\n",
  ],
  ["a list indented by four", "services:\n    - type: a\n", BLOCK.replace(/^/gm, "  ").trimEnd().concat("\n"), ""],
  ["rows with a blank line between", "services:\n  - type: a\n\n  - type: b\n", `\n${BLOCK}`, "\nnats:\n  port: 1\n"],
  ["a comment at the end of the last row", "services:\n  - type: a # why\n", BLOCK, ""],
  ["commented-out fields of the last row", "services:\n  - type: a\n    # interval: 3\n", BLOCK, "\n# end\n"],
  [
    "commented-out rows",
    "services:\n  - type: a\n\n  # - type: b\n  #   variant: dev\n",
    BLOCK,
    "\n# Tutorials are elsewhere\n",
  ],
  ["a block text at the end", "services:\n  - type: a\n    text: |\n      x\n      y\n", BLOCK, "\nnats:\n  port: 1\n"],
  ["a row begun with a dash alone", "services:\n  -\n    type: a\n", BLOCK, ""],
  ["rows in braces", "services:\n  - {type: a}\n", BLOCK, ""],
  ["a row as text", "services:\n  - hello_world.main\n", BLOCK, ""],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the configuration
  ["anchors and variables", "x: &x {a: 1}\nservices:\n  - type: ${T:-a}\n    y: *x\n", BLOCK, ""],
  ["a document's start and end", "---\nservices:\n  - type: a\n", BLOCK, "...\n"],
  ["a byte order mark", "\uFEFFservices:\n  - type: a\n", BLOCK, ""],
  ["Windows line ends", "services:\r\n  - type: a # b\r\n", BLOCK.replaceAll("\n", "\r\n"), "nats:\r\n  port: 1\r\n"],
  [
    "a list in brackets",
    "services: [{type: a}, {type: b}",
    ", { type: dome, variant: main, interval: 5 }",
    ",] # all\n",
  ],
  ["a file in braces", '{"services": [', "{ type: dome, variant: main, interval: 5 }", "]}\n"],
];

describe("a row is added, and all else stays byte for byte", () => {
  test.each(PLACES)("%s", (_what, before, row, after) => {
    const text = withRow(before + after, ROW, "services.yaml");
    expect(text).toBe(before + row + after);
    expect(parse(text ?? "").services.at(-1)).toEqual(ROW);
  });

  test.each(["[]", "~", "null", "[] # none yet"])("services: %s becomes a list", (value) => {
    const comment = value.includes("#") ? " # none yet" : "";
    expect(withRow(`a: 1\nservices: ${value}\nb: 2\n`, ROW, "f")).toBe(`a: 1\nservices:${comment}\n${BLOCK}b: 2\n`);
  });

  test("values are quoted where YAML would read them otherwise", () => {
    const row = { type: "null", variant: "1", message: "a: b # c", empty: "", on: "true" };
    expect(parse(withRow("", row, "f") ?? "")).toEqual({ services: [row] });
  });

  test("a thousand rows are no matter", () => {
    const many = `services:\n${Array.from({ length: 1000 }, (_, i) => `  - type: s${i}\n    variant: v\n`).join("")}`;
    expect(withRow(many, ROW, "f")).toBe(many + BLOCK);
  });
});

test.each([
  ["type and variant", "services:\n  - type: dome\n    variant: main\n"],
  ["the older name of variant", "services:\n  - type: dome\n    instance_context: main\n"],
  ["no variant, which is main", "services:\n  - type: dome\n"],
  ["a module alone", "services:\n  - module: ./dome.ts\n"],
  ["text", "services:\n  - dome.main\n"],
])("a row that is there is not doubled: %s", (_what, text) => {
  expect(withRow(text, ROW, "f")).toBeUndefined();
});

test("another variant of the type is another service", () => {
  expect(withRow("services:\n  - {type: dome, variant: north}\n", ROW, "f")).toEndWith(BLOCK);
});

describe("a file that a row cannot be added to is refused", () => {
  test.each([
    ["broken YAML", "services:\n  - type: a\n bad", "f:3:1: not valid YAML"],
    ["duplicate keys", "services: []\nservices: []\n", "f:2:1: not valid YAML"],
    ["several documents", "services: []\n---\nservices: []\n", "not valid YAML"],
    ["an unknown anchor", "services: *x\n", "YAML"],
    ["a list at the top", "- a\n", "found a list"],
    ["a text at the top", "hello\n", 'found "hello"'],
    ["services as a map", "services:\n  a: 1\n", '"services" is a map'],
    ["services as a text", "services: all\n", '"services" is "all"'],
    ["an alias", "x: &x [1]\nservices: *x\n", "too unusual"],
    ["a file in braces without services", "{a: 1}\n", "too unusual"],
  ])("%s", (_what, text, message) => {
    expect(() => withRow(text, ROW, "f")).toThrow(message);
    expect(() => withRow(text, ROW, "f")).toThrow(ServicesFileError);
  });

  test("aliases that multiply without end", () => {
    const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"];
    for (const [from, to] of ["ab", "bc", "cd", "de", "ef"]) bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`)}]`);
    expect(() => withRow(`${bomb.join("\n")}\n`, ROW, "f")).toThrow(ServicesFileError);
  });
});
