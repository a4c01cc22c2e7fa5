import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { runTcs, spawnTcs, tcsBinary } from "./binary.ts";

test("the executable stands alone", () => {
  expect(readdirSync(dirname(tcsBinary()))).toEqual(["tcs"]);
});

test("a run gives exit code and output", async () => {
  const { code, stdout } = await runTcs(["--version"]);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+/);
  expect(code).toBe(0);
});

test("waiting for a line that does not come ends with the program, and tells what it said", async () => {
  await using tcs = spawnTcs(["--version"]);
  await expect(tcs.waitForLine(/no such line/)).rejects.toThrow(/ended without \/no such line\/; it said:\n\d/);
});

test("a line that was written before is found", async () => {
  await using tcs = spawnTcs(["--version"]);
  await tcs.exited;
  expect((await tcs.waitForLine(/^(\d+)\./))[1]).toMatch(/^\d+$/);
});
