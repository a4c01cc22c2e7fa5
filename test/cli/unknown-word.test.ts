// A first word that is no command.
import { expect, test } from "bun:test";
import { unknownTopic, unknownWord } from "../../src/cli/unknown-word.ts";
import { runTcs } from "../support/binary.ts";

const COMMANDS = ["run", "status", "start", "stop", "restart", "stats"];

test.each([
  ["stat", 'unknown command "stat"', 'did you mean "tcs status" or "tcs stats"?'],
  ["rsetart", 'unknown command "rsetart"', 'did you mean "tcs restart"?'],
  ["helpp", 'unknown command "helpp"', 'did you mean "tcs help"?'],
  ["dome", 'unknown command "dome"', 'see "tcs --help"'],
  ["--versoin", 'unknown option "--versoin"', 'did you mean "tcs --version"?'],
  ["-version", 'unknown option "-version"', 'did you mean "tcs --version"?'],
  ["--config", 'unknown option "--config"', 'options stand behind the command; see "tcs --help"'],
])("%s", (word, message, hint) => {
  expect(unknownWord(word, COMMANDS)).toMatchObject({ message, hint });
});

test.each([
  ["error", 'unknown topic "error"', 'did you mean "tcs help errors"?'],
  ["stat", 'unknown command "stat"', 'did you mean "tcs status" or "tcs stats"?'],
  ["dome", 'unknown command "dome"', 'see "tcs --help"'],
])("help %s", (word, message, hint) => {
  expect(unknownTopic(word, COMMANDS)).toMatchObject({ message, hint });
});

test("what tcs help refuses", async () => {
  expect(await runTcs(["help", "error"])).toMatchObject({ code: 2, stdout: "" });
  for (const topic of ["help", "--help", "errors"]) expect(await runTcs(["help", topic])).toMatchObject({ code: 0 });
});

test("every command refuses an option that it does not have, with the nearest that it has", async () => {
  const overview = (await runTcs(["--help"])).stdout;
  const commands = [...overview.matchAll(/^ {2}tcs (\w+) {2,}[A-Z]/gm)].map(([, name = ""]) => name);
  expect(commands.length).toBeGreaterThan(10);
  for (const command of commands) {
    const help = (await runTcs([command, "--help"])).stdout;
    const [, option = ""] = /^ +(?:-\w, )?--([a-z]{4,})/m.exec(help) ?? [];
    const mistyped = option === "" ? "--xyzzy" : `--${option.slice(0, 1)}${option.slice(2)}`;
    const { code, stderr } = await runTcs([command, mistyped]);
    expect({ command, code }).toEqual({ command, code: 2 });
    expect(stderr).toContain(`tcs: tcs ${command}: unknown option ${mistyped}\n`);
    expect(stderr).toContain(option === "" ? `see "tcs ${command} --help"` : "did you mean --");
  }
});
