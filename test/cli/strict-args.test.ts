// What the command line is refused for, before a command is run.
import { describe, expect, test } from "bun:test";
import type { ArgsDef } from "citty";
import { checkArgs } from "../../src/cli/strict-args.ts";
import { UsageError } from "../../src/common/errors.ts";

const defs = {
  service: { type: "positional", required: true },
  config: { type: "positional", required: false },
  port: { type: "string" },
  json: { type: "boolean", alias: "j" },
} satisfies ArgsDef;

/** The message and the hint, or nothing if all is well. */
function refusal(...args: string[]): string[] {
  try {
    checkArgs(args, defs, "service");
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return [error.message, error.hint ?? ""];
  }
}

describe("words", () => {
  test("that are missing are named, with the usage of the command", () => {
    expect(refusal("--port", "4222")).toEqual([
      "tcs service: SERVICE is missing",
      'usage: tcs service SERVICE [CONFIG] (see "tcs service --help")',
    ]);
  });

  test("are named all together", () => {
    const two = { id: { type: "positional" }, command: { type: "positional" } } satisfies ArgsDef;
    expect(() => checkArgs([], two, "rpc")).toThrow("tcs rpc: ID and COMMAND are missing");
  });

  test.each([[["dome.ts"]], [["dome.ts", "fleet.yaml"]], [["--", "dome.ts"]]])("%j is enough", (args) => {
    expect(refusal(...args)).toEqual([]);
  });

  test.each([[["a", "b", "c"]], [["a", "--", "b", "c"]]])("%j is too much", (args) => {
    expect(refusal(...args)[0]).toBe(`tcs service: "${args.at(-1)}" is one word too many`);
  });
});

describe("options", () => {
  test.each([
    ["--prot", "--port"],
    ["--po", "--port"],
    ["-port", "--port"],
    ["--no-jsno", "--no-json"],
  ])("%s is told with the nearest, %s", (given, near) => {
    expect(refusal("x", given)).toEqual([`tcs service: unknown option ${given}`, `did you mean ${near}?`]);
  });

  // Who asks for help in another way than --help and -h must not have the command run instead.
  test.each([["-x"], ["--xyz"], ["-jx"], ["-help"], ["--h"]])("%s has none near it", (given) => {
    expect(refusal("x", given)).toEqual([`tcs service: unknown option ${given}`, 'see "tcs service --help"']);
  });
});
