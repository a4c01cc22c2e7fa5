// docs/cli.md knows every command, option, exit code and environment variable that the program has.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { ExitCode } from "../../src/common/errors.ts";
import { runTcs } from "../support/binary.ts";
import { ROOT } from "./markdown.ts";

const text = await Bun.file(join(ROOT, "docs/cli.md")).text();
const overview = (await runTcs(["--help"])).stdout;
const commands = [...overview.matchAll(/^ {2}tcs (\w+) {2,}[A-Z]/gm)].map(([, name = ""]) => name);

test("every command has a section", () => {
  expect(commands).toContain("run");
  const sections = [...text.matchAll(/^## tcs (\w+)$/gm)].map(([, name = ""]) => name);
  expect(sections.toSorted()).toEqual(commands.toSorted());
});

/** A command, or the commands below it if it is a group. */
async function leaves(command: string): Promise<string[]> {
  const { stdout } = await helpOf(command);
  const [, below] = stdout.split(/^COMMANDS$/m);
  if (below === undefined) return [command];
  const names = [...below.matchAll(/^ {2,}(\w+) {2,}\S/gm)].map(([, name]) => `${command} ${name}`);
  return (await Promise.all(names.map(leaves))).flat();
}

const helpOf = (command: string) => runTcs([...command.split(" "), "--help"], { env: { NO_COLOR: "1" } });
const everyCommand = (await Promise.all(commands.map(leaves))).flat();

test("every command of a group has a section in that of the group", () => {
  const below = everyCommand.filter((command) => command.includes(" "));
  expect(below).toContain("config check");
  const sections = [...text.matchAll(/^### tcs (\w+ \w+)$/gm)].map(([, name = ""]) => name);
  expect(sections.toSorted()).toEqual(below.toSorted());
});

test.each(everyCommand)("the options of tcs %s are all there, and no others", async (command) => {
  const { stdout } = await helpOf(command);
  const options = [...stdout.matchAll(/^ +(?:-\w, )?--([a-z-]+)/gm)].map(([, name = ""]) => name);
  const heading = command.includes(" ") ? /^###? /m : /^## /m;
  const section = text.split(heading).find((part) => part.startsWith(`tcs ${command}\n`)) ?? "";
  const rows = [...section.matchAll(/^\| (?:`-\w`, )?`--([a-z-]+)/gm)].map(([, name = ""]) => name);
  expect(rows.toSorted()).toEqual(options.toSorted());
});

test("the exit codes are those of the program", () => {
  const table = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  for (const code of Object.values(ExitCode)) expect(table).toContain(code);
});

test("every environment variable that the program reads is told", async () => {
  const names = new Set<string>();
  for await (const path of new Glob("src/**/*.ts").scan(ROOT)) {
    if (path.startsWith("src/build/")) continue;
    const source = await Bun.file(join(ROOT, path)).text();
    for (const [, name = ""] of source.matchAll(/\benv\.([A-Z][A-Z_]+)\b/g)) names.add(name);
  }
  expect(names.size).toBeGreaterThan(10);
  expect([...names].filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});
