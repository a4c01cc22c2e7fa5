// Words that every object of JavaScript knows are words like any other.
import { expect, test } from "bun:test";
import { fleetFlags } from "../../src/cli/completion/fleet-flags.ts";
import { runTcs } from "../support/binary.ts";

test.each([
  [["completions", "constructor"], 'given "constructor", expected bash, zsh, fish'],
  [["night", "constructor"], 'given "constructor", expected the day of the evening (2026-11-20), or yesterday'],
])("tcs %j is refused", async ([command = "", ...words], what) => {
  const { code, stderr } = await runTcs([command, ...words]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `tcs: tcs ${command}: ${what}\n` });
});

test("before a half-typed option they name no fleet", () => {
  expect(fleetFlags(["constructor", "dome", "--po"])).toEqual({});
});
