// --help: what a command is for, then examples that are right, in a form that fits any terminal and any pipe.
import { describe, expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { meantCommand } from "../../src/cli/command-group.ts";
import { type AnyCommand, defineCommand } from "../../src/cli/define-command.ts";
import { checkArgs } from "../../src/cli/strict-args.ts";
import { runTcs } from "../support/binary.ts";
import { tempFolder } from "../support/temp.ts";

const COMMANDS = join(import.meta.dir, "../../src/cli/commands");
const DOCUMENT = await Bun.file(join(import.meta.dir, "../../docs/cli.md")).text();

/** Every command by how it is called; groups too. */
const commands = new Map<string, AnyCommand>();
for await (const file of new Glob("**/*.ts").scan(COMMANDS)) {
  const module: { default?: AnyCommand } = await import(join(COMMANDS, file));
  if (module.default) commands.set(file.replace(/\.ts$/, "").replace("/", " "), module.default);
}
const every = [...commands].toSorted(([a], [b]) => a.localeCompare(b));

/** Takes the place of tcs, sudo and man: writes down which words it was given, in one write: some stand in a pipe. */
const STAND_IN = `#!/bin/bash
line=$(printf '%q ' "$(basename "$0")" "$@")
echo "$line" >>"$CALLS"
if [ "$(basename "$0")" = sudo ]; then "$@"; fi
`;

/** The command lines of tcs that a shell makes of a line: the words of each. */
async function callsOf(line: string): Promise<string[][]> {
  using folder = tempFolder();
  for (const name of ["tcs", "sudo", "man"]) {
    await folder.write(`bin/${name}`, STAND_IN);
    chmodSync(join(folder.path, "bin", name), 0o755);
  }
  await folder.write("tcs", STAND_IN);
  chmodSync(join(folder.path, "tcs"), 0o755);
  await folder.write("values.yaml", "");
  await folder.write(".config/fish/completions/of", "");
  const calls = join(folder.path, "calls");
  const env = { PATH: `${folder.path}/bin:${process.env.PATH}`, HOME: folder.path, CALLS: calls };
  const shell = Bun.spawnSync(["bash", "-c", `${line}\nwait`], { cwd: folder.path, env });
  expect({ line, stderr: shell.stderr.toString() }).toEqual({ line, stderr: "" });
  const written = (await Bun.file(calls).text()).trim().split("\n");
  const words = written.map((call) => Bun.spawnSync(["bash", "-c", `printf '%s\\0' ${call}`]).stdout.toString());
  return words.map((text) => text.split("\0").slice(0, -1)).filter(([program]) => program === "tcs");
}

/** @throws UsageError as the program would */
async function parse(line: string): Promise<void> {
  const calls = await callsOf(line);
  expect(calls.length).toBeGreaterThan(0);
  for (const [, name = "", ...rest] of calls) {
    const called = commands.get(name);
    expect(called).toBeDefined();
    if (!called) continue;
    const { command, path, rawArgs } = await meantCommand(called, name, rest);
    checkArgs(rawArgs, command.args ?? {}, path);
  }
}

test("a command without examples, or with one only, does not compile", () => {
  const meta = { name: "dome", description: "Open the dome" };
  // @ts-expect-error examples are missing
  const without = defineCommand({ meta });
  // @ts-expect-error one is not enough
  const withOne = defineCommand({ meta, examples: [["tcs dome"]] });
  expect([without.meta, withOne.meta]).toEqual([meta, meta]);
});

test("there are many commands", () => {
  expect(every.length).toBeGreaterThan(45);
});

describe.each(every)("tcs %s --help", (path, command) => {
  test("begins with what it is for, then two or more examples of this very command", async () => {
    const { stdout, code } = await runTcs([...path.split(" "), "--help"]);
    expect(code).toBe(0);
    const [purpose, examples = ""] = stdout.split("\nEXAMPLES\n\n");
    expect(purpose?.replaceAll("\n", " ").trim()).toBe(command.meta.description);
    const lines = (examples.split("\n\n")[0] ?? "").split("\n");
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(lines.filter((line) => !line.includes(`tcs ${path}`))).toEqual([]);
  });

  test("is plain text of 80 columns", async () => {
    const { stdout } = await runTcs([...path.split(" "), "--help"]);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toMatch(/^[ -~\n]+$/);
  });

  test("has examples that the command takes", async () => {
    for (const [line] of command.examples) await parse(line);
  });

  test("has the examples that its section of docs/cli.md has", () => {
    const heading = path.includes(" ") ? `### tcs ${path}\n` : `## tcs ${path}\n`;
    const [, after = ""] = DOCUMENT.split(`\n${heading}`);
    const section = new Set((after.split(/^##+ /m)[0] ?? "").split("\n").map((line) => line.replace(/ {2,}# /, " # ")));
    const missing = command.examples.map(([line, why]) => (why === undefined ? line : `${line} # ${why}`));
    expect(missing.filter((line) => !section.has(line))).toEqual([]);
  });
});

test("tcs --help begins with lines that can be typed as they are", async () => {
  const { stdout } = await runTcs(["--help"]);
  const [, begin = ""] = /^Start here:\n(.*?)\n\n/ms.exec(stdout) ?? [];
  const lines = begin.split("\n").map((line) => line.trim().split(/ {2,}/)[0] ?? "");
  expect(lines.length).toBeGreaterThanOrEqual(3);
  for (const line of lines) await parse(line);
  expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test.each([
  ["an unknown option", "tcs run --chek", "unknown option --chek"],
  ["an unknown command of a group", "tcs config chek a.yaml", 'unknown command "chek"'],
  ["a missing word", "tcs why", "ID is missing"],
  ["a fault behind a pipe", "tcs config export | tcs config apply --dryrun -", "unknown option --dryrun"],
])("an example with %s would be found", async (_, line, message) => {
  expect(parse(line)).rejects.toThrow(message);
});

test("colours are for a terminal that wants them", async () => {
  const forced = await runTcs(["run", "--help"], { env: { FORCE_COLOR: "1" } });
  expect(forced.stdout).toContain("\u001b[1mEXAMPLES\u001b[22m");
  const refused = await runTcs(["run", "--help"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } });
  expect(refused.stdout).not.toContain("\u001b");
});
