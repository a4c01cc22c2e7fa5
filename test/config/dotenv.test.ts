// The .env file, and variables in texts.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the configuration, not of this file
import { describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { loadEnv, parseDotenv } from "../../src/config/dotenv.ts";
import { ConfigError } from "../../src/config/errors.ts";
import { expandText, typedValue } from "../../src/config/expand.ts";
import { tempFolder } from "../support/temp.ts";

describe(".env", () => {
  test.each<[string, string, Record<string, string>]>([
    ["plain values", "A=1\nB = two words \nC=\n", { A: "1", B: "two words", C: "" }],
    ["export and comments", "# c\nexport A=1 # one\nB=a#b\n  C=3\n", { A: "1", B: "a#b", C: "3" }],
    ["single quotes, literal", "A='x ${B} \\n # y' # z\n", { A: "x ${B} \\n # y" }],
    ["double quotes with escapes", 'A="a\\nb \\"c\\" \\\\ \\$5 \\${X} # d"\n', { A: 'a\nb "c" \\ $5 ${X} # d' }],
    ["values over several lines", "KEY=\"one\ntwo\"\nB='x\ny'\nC=3\n", { KEY: "one\ntwo", B: "x\ny", C: "3" }],
    ["variables", 'A=1\nB=${A}2\nC="${B}-${HOME_X}"\nD=${NO:-d}\n', { A: "1", B: "12", C: "12-h", D: "d" }],
    ["Windows line ends and a byte order mark", "\uFEFFA=1\r\nB='2'\r\n", { A: "1", B: "2" }],
    ["values with an equals sign", "A=b=c==\n", { A: "b=c==" }],
    ["a comment for a value", "A= # nothing\n", { A: "" }],
  ])("has %s", (_, text, values) => {
    expect(parseDotenv(text, { HOME_X: "h" })).toMatchObject({ values, issues: [] });
  });

  test("tells every line it does not understand, and shows no secret", () => {
    const { values, issues } = parseDotenv("A=1\nsecret text\n1B=2\nC=${NOPE}\nD='x' y\nE=\"open\nF=1\n");
    expect(values).toEqual({ A: "1" });
    expect(issues.map(({ line, key, given }) => `${line} ${key} ${given}`)).toEqual([
      "2  a line that is not an assignment",
      "3  a line that is not an assignment",
      "4 C ${NOPE}, which is not set",
      "5 D more text after the closing '",
      '6 E a value that opens with " and never closes',
    ]);
  });

  test("fills what the environment does not set", async () => {
    using folder = tempFolder();
    await folder.write(".env", "A=file\nB=file\n");
    expect(loadEnv(folder.path, { B: "real", C: "real", D: undefined })).toEqual({ A: "file", B: "real", C: "real" });
  });

  test("may be absent, or a folder of that name", () => {
    using folder = tempFolder();
    expect(loadEnv(folder.path, { A: "1" })).toEqual({ A: "1" });
    expect(loadEnv(join(folder.path, "nowhere"), {})).toEqual({});
    mkdirSync(join(folder.path, ".env"));
    expect(loadEnv(folder.path, {})).toEqual({});
  });

  test("that is broken ends in an error with its lines", async () => {
    using folder = tempFolder();
    await folder.write(".env", "what\n");
    expect(() => loadEnv(folder.path, {})).toThrow(ConfigError);
  });
});

describe("variables in a text", () => {
  const env = { A: "1", B: "two", EMPTY: "" };
  test.each([
    ["plain $A $ {A} text", "plain $A $ {A} text"],
    ["${A}", "1"],
    ["x${A}y${B}z", "x1ytwoz"],
    ["${NO:-}", ""],
    ["${NO:-d}", "d"],
    ["${EMPTY:-d}", "d"],
    ["${EMPTY}", ""],
    ["${NO:-${B}}", "two"],
    ["${NO:-a}b}", "ab}"],
    ["$${A}", "${A}"],
    ["$${A} ${A}", "${A} 1"],
    ["a}b", "a}b"],
  ])("%s becomes %s", (text, result) => {
    expect(expandText(text, env)).toMatchObject({ ok: true, text: result });
  });

  test.each(["${NO}", "${}", "${1A}", "${A", "${A:+x}", "${A-x}", "${NO:-${NO}}"])("%s is refused", (text) => {
    expect(expandText(text, env).ok).toBe(false);
  });

  test.each<[string, string | number | boolean]>([
    ["5", 5],
    ["-2.5", -2.5],
    ["1e3", 1000],
    ["true", true],
    ["False", false],
    ["007", "007"],
    ["+48123", "+48123"],
    ["1.2.3", "1.2.3"],
    ["12345678901234567890", "12345678901234567890"],
    ["0x1f", "0x1f"],
    ["1e999", "1e999"],
    ["", ""],
    ["yes", "yes"],
  ])("alone, %s is %p", (text, value) => {
    expect(typedValue(text)).toBe(value);
  });
});
