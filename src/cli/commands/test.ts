// `tcs test`: runs the tests of service authors with the Bun that is inside this executable.
import { statSync } from "node:fs";
import { relative } from "node:path";
import { NotFoundError, UnsupportedError } from "../../common/errors.ts";
import { defineCommand } from "../define-command.ts";
import { preloadAsset } from "../test-runner/asset.ts";
import { mayMean, testFiles } from "../test-runner/find-tests.ts";
import { preloadPath } from "../test-runner/preload.ts";

export default defineCommand({
  meta: {
    name: "test",
    description:
      'Run the tests of your services (*.test.ts, "bun:test"); what follows "--" goes to bun test, as -- --watch',
  },
  examples: [
    ["tcs test", "every *.test.ts below this folder"],
    ["tcs test telescope", "those with this in their path"],
    ["tcs test -- --bail", "what follows -- goes to bun test"],
  ],
  args: {
    pattern: {
      type: "positional",
      required: false,
      description: "Only test files with this in their path (several may be given)",
      valueHint: "...",
    },
  },
  run({ rawArgs }) {
    const end = rawArgs.indexOf("--");
    const patterns = end < 0 ? rawArgs : rawArgs.slice(0, end);
    const options = end < 0 ? [] : rawArgs.slice(end + 1);
    if (!options.some((option) => MAY_RUN_WITHOUT.test(option))) requireTests(patterns);
    const preload = preloadPath(preloadAsset);
    // No download in the middle of a test: what a service needs is installed beside it, or is in tcs.
    const argv = [process.execPath, "test", "--no-install", "--preload", preload, ...patterns, ...options];
    // From here on this process is bun test itself, with its exit code, its signals and its terminal.
    if (!process.execve) throw new UnsupportedError(`tcs test does not work on ${process.platform}`);
    process.execve(process.execPath, argv, testEnvironment());
  },
});

/** Options of bun test with which it finds tests elsewhere, or needs none. */
const MAY_RUN_WITHOUT = /^--(cwd|pass-with-no-tests)\b/;

/** How many test files are named to help with a pattern that matches none. */
const SHOWN = 5;

/** @throws NotFoundError, naming the tests that there are */
function requireTests(patterns: readonly string[]): void {
  // A file given by its path may lie anywhere, and may have any name.
  if (patterns.some((pattern) => /^\.{0,2}\//.test(pattern) && isFile(pattern))) return;
  const folder = process.cwd();
  const found: string[] = [];
  for (const path of testFiles(folder)) {
    if (patterns.length === 0 || patterns.some((pattern) => mayMean(pattern, path))) return;
    found.push(relative(folder, path));
  }
  found.sort();
  if (found.length === 0) {
    throw new NotFoundError(`no tests in ${folder}`, {
      hint: 'tests are files as dome.test.ts; "tcs new service NAME" writes one with the service',
    });
  }
  const more = found.length > SHOWN ? ` and ${found.length - SHOWN} more` : "";
  throw new NotFoundError(`no test file in ${folder} matches ${patterns.join(" or ")}`, {
    hint: `there are ${found.slice(0, SHOWN).join(", ")}${more}`,
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** BUN_BE_BUN makes this executable the Bun command; from source it is that already. */
function testEnvironment(): NodeJS.ProcessEnv {
  return preloadAsset.kind === "embedded" ? { ...process.env, BUN_BE_BUN: "1" } : process.env;
}
