// Every kind of file that is not a configuration ends in plain lines with places.
import { describe, expect, test } from "bun:test";
import { loadFleet } from "../../src/config/load-fleet.ts";
import { tempFolder } from "../support/temp.ts";
import { BUILTINS, linesOf, load } from "./support.ts";

const BOMB = [
  "x-a: &a [x,x,x,x,x,x,x,x,x,x]",
  ..."bcdefghi".split("").map((name, i) => {
    const before = "abcdefghi"[i];
    return `x-${name}: &${name} [${Array(10).fill(`*${before}`).join(",")}]`;
  }),
  "services: [hello_world]",
].join("\n");

const NO_SERVICES = "services: with at least one, as `- type: hello_world`";

describe("text that is not a configuration", () => {
  test.each<[string, string, string[]]>([
    ["empty", "", [`services.yaml:1:1: given an empty file, expected ${NO_SERVICES}`]],
    ["only comments", "# nothing\n\n", [`services.yaml:1:1: given an empty file, expected ${NO_SERVICES}`]],
    ["only a nats part", "nats: {port: 4222}\n", [`services.yaml:1:1: given no services, expected ${NO_SERVICES}`]],
    ["an empty list", "x-a: 1\nservices: []\n", [`services.yaml:2:1: given no services, expected ${NO_SERVICES}`]],
    ["a list", "- type: hello_world\n", ["services.yaml:1:1: given a list of 1, expected a mapping with services:"]],
    ["a word", "hello\n", ['services.yaml:1:1: given "hello", expected a mapping with services:']],
    [
      "two documents",
      "services: [hello_world]\n---\na: 1\n",
      ["services.yaml:2:1: given a second YAML document, expected one document in a file, without `---` between"],
    ],
    [
      "a duplicate key, and what else is wrong",
      "services:\n  - type: hello_world\n    type: hello_wrld\n",
      [
        'services.yaml:3:5: given "type" a second time, expected each key once in a mapping',
        'services.yaml:3:11: services[0].type: given "hello_wrld", expected a built-in service, an entry in registry, a module, or a file hello_wrld.ts beside the configuration (did you mean "hello_world"?)',
      ],
    ],
    [
      "a tab as indentation",
      "services:\n\t- hello_world\n",
      ["services.yaml:2:1: given a tab as indentation, expected spaces"],
    ],
    [
      "keys out of column",
      "services:\n  - type: hello_world\n   variant: x\n",
      [
        "services.yaml:3:1: given broken YAML (Sequence item without - indicator), expected `key: value` lines, or `- item` lines, in even columns",
      ],
    ],
    [
      "a value with something below",
      "log_level: info\n  services: x\n",
      [
        "services.yaml:1:12: given something nested below a value, expected one value, or a nested block, with keys of one mapping in one column",
      ],
    ],
    [
      "an open quote",
      'services:\n  - type: "x\n',
      [
        'services.yaml:3:1: given broken YAML (Missing closing "quote), expected `key: value` lines, or `- item` lines, in even columns',
      ],
    ],
    [
      "a reserved character",
      "services:\n  - type: @x\n",
      ["services.yaml:2:11: given an unquoted value that starts with @, expected quotes around it"],
    ],
    [
      "a cyclic alias",
      "x-a: &a\n  b: [*a]\nservices: [hello_world]\n",
      ["services.yaml:2:7: given *a inside &a, expected an alias that does not contain itself"],
    ],
    [
      "an alias of nothing",
      "services: [*nobody]\n",
      ["services.yaml:1:12: given *nobody, expected an anchor &nobody before it"],
    ],
    [
      "an alias bomb",
      BOMB,
      [
        "services.yaml:5:31: given aliases of aliases that expand without measure, expected at most 100000 values by alias",
      ],
    ],
    [
      "a foreign tag",
      "services: !!python/object [hello_world]\n",
      ["services.yaml:1:11: given !!python/object, expected a value without a tag"],
    ],
    [
      "a key that is a list",
      "? [a]\n: b\nservices: [hello_world]\n",
      ["services.yaml:1:3: given a key that is not plain text, expected a name followed by a colon"],
    ],
  ])("%s is told in plain lines", async (_, text, lines) => {
    expect(await linesOf(load(text))).toEqual(lines);
  });

  test("values nested without end are told, not followed", async () => {
    const [line = ""] = await linesOf(load(`services: ${"[".repeat(50_000)}`));
    expect(line).toMatch(/^services\.yaml:\d+:\d+: given values nested more than 100 deep/);
    const [deep] = await linesOf(load(`x-a: ${"[".repeat(200)}${"]".repeat(200)}\nservices: [hello_world]\n`));
    expect(deep).toMatch(
      /^services\.yaml:1:\d+: given values nested more than 100 deep, expected a flatter structure$/,
    );
  });
});

describe("files that cannot be read", () => {
  test.each<[string, Uint8Array | string, string]>([
    ["binary", new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]), "given a binary file, expected YAML text"],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x61, 0]), "given UTF-16 text, expected UTF-8 text (save it as UTF-8)"],
    [
      "huge",
      "#".repeat(2 * 1024 * 1024 + 1),
      "given a file larger than 2 MB, expected at most 2 MB (is this the right file?)",
    ],
  ])("%s", async (_, content, expected) => {
    using folder = tempFolder();
    const file = await folder.write("services.yaml", content);
    expect(await linesOf(loadFleet({ file, env: {}, builtinTypes: BUILTINS }))).toEqual([`${file}: ${expected}`]);
  });

  test("Latin-1 text is told with the place of the first bad byte", async () => {
    using folder = tempFolder();
    const bytes = Buffer.from("services:\n  - type: hello_world\n    message: Za\xBF\xF3\u0142\xE6\n", "latin1");
    const file = await folder.write("services.yaml", bytes);
    expect(await linesOf(loadFleet({ file, env: {}, builtinTypes: BUILTINS }))).toEqual([
      `${file}:3:16: given bytes that are not UTF-8, expected UTF-8 text (save it as UTF-8)`,
    ]);
  });

  test.each([
    ["/nowhere/services.yaml", "no such file, expected a configuration file (`tcs new service NAME` writes one)"],
    ["/", "a folder without configuration files, expected files as dome.yaml in it"],
    ["/dev/zero", "a file larger than 2 MB, expected at most 2 MB (is this the right file?)"],
  ])("%s", async (file, expected) => {
    expect(await linesOf(loadFleet({ file, env: {}, builtinTypes: BUILTINS }))).toEqual([`${file}: given ${expected}`]);
  });

  test("a byte order mark and Windows line ends do no harm", async () => {
    using folder = tempFolder();
    const file = await folder.write("services.yaml", "\uFEFFservices:\r\n  - type: hello_world\r\n    a: x\r\n");
    const fleet = await loadFleet({ file, env: {}, builtinTypes: BUILTINS });
    expect(fleet.services[0]?.fields).toEqual({ a: "x" });
  });
});

test("a file of hundreds of thousands of faults ends in a hundred lines and a count", async () => {
  const lines = await linesOf(load(`services:\n${"  - hello_world.main\n".repeat(5000)}`));
  expect(lines).toHaveLength(101);
  expect(lines.at(-1)).toBe("… and 4899 more");
});
