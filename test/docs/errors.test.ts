// docs/errors.md is what the error classes say, and they say all of it; test/e2e/errors.test.ts provokes them.
import { describe, expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { type ErrorDoc, readErrorDocs } from "../../src/build/error-docs.ts";
import { ERRORS_PAGE, errorsPage } from "../../src/build/errors-page.ts";
import { ERROR_CODES, explainError, listErrors } from "../../src/cli/explain-error.ts";
import { EXIT_CODES } from "../../src/cli/man/reference.ts";
import { ROOT } from "./markdown.ts";

const docs = await readErrorDocs();
const byClass = new Map(docs.map((doc) => [doc.className, doc]));
const PROVOKED = await Bun.file(join(ROOT, "test/e2e/errors.test.ts")).text();
const named = docs.map((doc): [string, ErrorDoc] => [doc.className, doc]);
const sources = new Map<string, string>();
for await (const file of new Glob("src/**/*.ts").scan(ROOT)) {
  if (!file.startsWith("src/build/")) sources.set(file, await Bun.file(join(ROOT, file)).text());
}

test("docs/errors.md is up to date (bun src/build/errors-page.ts writes it)", async () => {
  expect(await Bun.file(ERRORS_PAGE).text()).toBe(errorsPage(docs));
});

test("no error class is missing", () => {
  const written = [...sources.values()].flatMap((text) => [...text.matchAll(/class (\w+) extends (\w*Error)\b/g)]);
  expect(written.length).toBeGreaterThan(80);
  const missing = written.filter(([, name = "", parent]) => parent !== "Error" && !byClass.has(name));
  expect(missing.map(([text]) => text)).toEqual([]);
  const strangers = written.filter(([, name, parent]) => parent === "Error" && name !== "TcsError");
  expect(strangers.map(([text]) => text)).toEqual([]);
});

test("what tcs throws has a class of its own", () => {
  const bare = [...sources].filter(([, text]) => text.includes("new TcsError("));
  expect(bare.map(([file]) => file)).toEqual([]);
});

test("tcs help errors has a line for each", () => {
  const lines = listErrors()
    .split("\n")
    .filter((line) => line.startsWith("E_"));
  expect(lines.map((line) => line.split(" ")[0] ?? "").toSorted()).toEqual(docs.map(({ code }) => code).toSorted());
  expect(lines).toContainEqual(expect.stringMatching(/^E_NOT_FOUND +\S.*\.$/));
});

test("no two classes have one code", () => {
  const codes = Map.groupBy(docs, ({ code }) => code);
  const shared = [...codes.values()].filter((group) => group.length > 1);
  expect(shared.map((group) => group.map(({ className }) => className))).toEqual([]);
});

test("the exit codes of the page, of docs/cli.md and of the errors are the same", async () => {
  const text = await Bun.file(join(ROOT, "docs/cli.md")).text();
  const [, told = ""] = text.split("\n## Exit codes\n");
  const inTable = [...(told.split("\n## ")[0] ?? "").matchAll(/^\| (\d+)/gm)].map(([, code = ""]) => code);
  expect(inTable.toSorted()).toEqual(Object.keys(EXIT_CODES).toSorted());
  for (const { exitCode } of docs) expect(Object.keys(EXIT_CODES)).toContain(String(exitCode));
});

/** The words of TcsError are a service's, those of UnfitMessageError are of SchemaError. */
const BORROWED = ["TcsError", "UnfitMessageError"];

describe.each(named)("%s", (className, { code, file, cause, remedy, example }) => {
  test("tells cause and remedy in a sentence each", () => {
    expect(code).toMatch(/^E_[A-Z]+(_[A-Z]+)*$/);
    for (const text of [cause, remedy]) {
      expect(text).toMatch(/^[A-Z"$].*[^.]\.$/);
      expect(text.length).toBeLessThan(240);
    }
  });

  test("is explained by tcs help", () => {
    const text = explainError(code.toLowerCase()).replaceAll(/\s+/g, " ");
    expect(text).toContain(`${code} `);
    expect(text).toContain(`Class ${className}, exit code`);
  });

  // What is provoked is compared there.
  test.skipIf(BORROWED.includes(className) || PROVOKED.includes(`"${code}"`))(
    "has an example that its source can say",
    () => {
      const makers = [...sources].filter(([, text]) =>
        new RegExp(`new ${className}\\(|extends ${className} `).test(text),
      );
      const near = makers.flatMap(([maker]) => [...sources].filter(([other]) => dirname(other) === dirname(maker)));
      const texts = [...near.map(([, text]) => text), sources.get(file) ?? ""];
      expect(texts.flatMap(sayings).some((saying) => saying.test(example))).toBe(true);
    },
  );
});

/** What may come of the texts in a source that have eight letters or more, with anything in their gaps. */
function sayings(source: string): RegExp[] {
  const code = source.replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, "");
  const texts = [...code.matchAll(/"((?:[^"\\\n]|\\.)+)"|`((?:[^`\\]|\\.)+)`|'((?:[^'\\\n]|\\.)+)'/g)];
  return texts.flatMap(([, plain = "", template = "", single = ""]) => {
    const text = (plain || single || template).replaceAll("\\${", "$\u0000{");
    const parts = text.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/);
    if (parts.join("").replaceAll(/[^a-z]/gi, "").length < 8) return [];
    return [
      new RegExp(
        parts.map((part) => part.replaceAll("\u0000", "").replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*"),
      ),
    ];
  });
}

test("tcs help knows every code", () => {
  expect([...ERROR_CODES].toSorted()).toEqual(docs.map(({ code }) => code).toSorted());
  expect(() => explainError("E_CONFG")).toThrow("no error has the code E_CONFG");
});
