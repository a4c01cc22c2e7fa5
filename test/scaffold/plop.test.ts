import { expect, test } from "bun:test";
import { join } from "node:path";
import { parse } from "yaml";
import { runTcs } from "../support/binary.ts";
import { tempFolder } from "../support/temp.ts";
import { run, textsIn } from "./project.ts";

const ROOT = join(import.meta.dir, "../..");
const PLOP = join(ROOT, "node_modules/.bin/plop");
const PLOPFILE = join(ROOT, "generators/plopfile.mjs");

test.each([
  ["under Bun", [process.execPath, "--bun", PLOP]],
  ["under Node, as its first line says", [PLOP]],
])("plop %s writes what tcs new writes", async (_how, plop) => {
  using byPlop = tempFolder();
  using byTcs = tempFolder();
  const args = ["service", "TelescopeMonitor", "permanent", "main", "5", "all is well"];
  const { code, output } = await run([...plop, "--plopfile", PLOPFILE, "--dest", byPlop.path, ...args], ROOT);
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining("created") });
  await runTcs(["new", "service", "TelescopeMonitor", "--kind", "permanent"], { cwd: byTcs.path });
  expect(textsIn(byPlop.path)).toEqual(textsIn(byTcs.path));
});

test("plop writes to the current folder by default, refuses what exists, and replaces with --force", async () => {
  using temp = tempFolder();
  const plop = [process.execPath, "--bun", PLOP, "--plopfile", PLOPFILE];
  const args = ["service", "dome", "single-shot", "main", "2", "done"];
  expect((await run([...plop, ...args], temp.path)).code).toBe(0);
  expect(parse(textsIn(temp.path)["services.yaml"] ?? "").services).toMatchObject([{ steps: 2, message: "done" }]);
  const again = await run([...plop, ...args], temp.path);
  expect(again).toMatchObject({ code: 1, output: expect.stringContaining("exist already") });
  expect((await run([...plop, "--force", ...args], temp.path)).code).toBe(0);
});
