// The manual page: the same words as --help, in a form that its readers take without a complaint.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ENVIRONMENT, EXIT_CODES } from "../../src/cli/man/reference.ts";
import { escapeRoff, paragraph } from "../../src/cli/man/roff.ts";
import { ExitCode } from "../../src/common/errors.ts";
import { runTcs } from "../support/binary.ts";

const PAGE = (await runTcs(["man"])).stdout;
const CLI = readFileSync(join(import.meta.dir, "../../docs/cli.md"), "utf8");
const reader = (command: string[]) => {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, {
    stdin: Buffer.from(PAGE),
    env: { ...process.env, LANG: "C.UTF-8" },
  });
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
};

describe("text in a page", () => {
  test.each([
    ["a-b", "a\\-b"],
    ["back\\slash", "back\\eslash"],
    [".start of a line", "\\&.start of a line"],
    ["it's `so`", "it\\(aqs \\(gaso\\(ga"],
  ])("%p is written as %p", (text, written) => {
    expect(escapeRoff(text)).toBe(written);
  });

  test("is in lines, none of which begins like a request", () => {
    const lines = paragraph(`${"word ".repeat(15)} .env ${"word ".repeat(30)}`).split("\n");
    expect(lines.length).toBeGreaterThan(2);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(lines.filter((line) => /^[.']/.test(line))).toEqual([]);
  });
});

test("every command of the overview is in it, with every option of its help", async () => {
  const overview = (await runTcs(["--help"])).stdout;
  const commands = [...overview.matchAll(/^ {2}tcs (\w+) {2,}[A-Z]/gm)].map(([, name = ""]) => name);
  expect(commands).toContain("install");
  for (const command of commands) {
    const { stdout } = await runTcs([command, "--help"], { env: { NO_COLOR: "1" } });
    const sections = PAGE.split(/^\.SS /m).filter((part) => part.startsWith(`"tcs ${command}`));
    expect(sections.length).toBeGreaterThan(0);
    const options = [...stdout.matchAll(/^ +(?:-\w, )?--([a-z-]+)/gm)].map(([, name = ""]) => escapeRoff(`--${name}`));
    expect(options.filter((option) => !sections.join("").includes(`\\fB${option}\\fR`))).toEqual([]);
  }
});

test("environment variables and exit codes are those that the documents tell", () => {
  expect(Object.keys(ENVIRONMENT).filter((name) => !CLI.includes(`\`${name}\``))).toEqual([]);
  for (const code of Object.values(ExitCode)) expect(Object.keys(EXIT_CODES)).toContain(String(code));
});

test.skipIf(!Bun.which("groff"))("groff has nothing to say against it", () => {
  expect(reader(["groff", "-man", "-ww", "-Tutf8", "-z"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
});

test.skipIf(!Bun.which("mandoc"))("mandoc has nothing to say against it", () => {
  expect(reader(["mandoc", "-Tlint"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
});

test.skipIf(!Bun.which("man"))("man shows it", () => {
  const { exitCode, stdout } = reader(["man", "-l", "-"]);
  expect(exitCode).toBe(0);
  // Bold is written as a letter, a backspace and the letter again.
  const text = stdout.split("\b").reduce((before, after) => before.slice(0, -1) + after);
  expect(text).toMatch(/^NAME\n +tcs [-‐] telescope control services/m);
  expect(text).toMatch(/^EXIT STATUS$/m);
});
